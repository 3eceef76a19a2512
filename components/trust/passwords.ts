import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

export interface PasswordsArgs {
  /** One password each. */
  readonly purposes: readonly string[];
}

/** Passwords that no person has to know or type: letters and digits, so that no configuration's syntax is in their way. */
export class Passwords extends pulumi.ComponentResource {
  /** By purpose; secret. */
  readonly values: Readonly<Record<string, pulumi.Output<string>>>;

  constructor(name: string, args: PasswordsArgs, options?: pulumi.ComponentResourceOptions) {
    super("tandem:trust:Passwords", name, {}, options);
    this.values = Object.fromEntries(
      args.purposes.map((purpose) => [
        purpose,
        // 32: as many as MySQL allows for replication, and 190 bits. Protected: another value would lock out who has this one.
        new random.RandomPassword(`${purpose}-password`, { length: 32, special: false }, { parent: this, protect: true }).result,
      ]),
    );
    this.registerOutputs({});
  }
}
