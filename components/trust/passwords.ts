import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { hashName } from "../../environments/model/certificates.ts";

export interface PasswordsArgs {
  /** One password each. */
  readonly purposes: readonly string[];
  /** Those of them whose bcrypt hash is a value too, by the name of `hashName`. */
  readonly hashed: readonly string[];
}

/** Passwords that no person has to know or type: letters and digits, so that no configuration's syntax is in their way. */
export class Passwords extends pulumi.ComponentResource {
  /** By purpose; secret. */
  readonly values: Readonly<Record<string, pulumi.Output<string>>>;

  constructor(name: string, args: PasswordsArgs, options?: pulumi.ComponentResourceOptions) {
    super("tandem:trust:Passwords", name, {}, options);
    this.values = Object.fromEntries(
      args.purposes.flatMap((purpose) => {
        // 32: as many as MySQL allows for replication, and 190 bits. Protected: another value would lock out who has this one.
        const password = new random.RandomPassword(
          `${purpose}-password`,
          // Harbor takes no secret without one of each kind. Those that were made before this was asked for stay.
          { length: 32, special: false, minLower: 1, minUpper: 1, minNumeric: 1 },
          { parent: this, protect: true, ignoreChanges: ["minLower", "minNumeric", "minUpper"] },
        );
        const hash = args.hashed.includes(purpose) ? [[hashName(purpose), password.bcryptHash] as const] : [];
        return [[purpose, password.result] as const, ...hash];
      }),
    );
    this.registerOutputs({});
  }
}
