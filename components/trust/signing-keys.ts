import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { privateKeyArguments } from "./private-key.ts";

export interface SigningKeysArgs {
  /** One key each. */
  readonly names: readonly string[];
}

/** Keys that sign without a certificate: whoever verifies has the key itself. RSA, 4096 bits, in the form of PKCS #1. */
export class SigningKeys extends pulumi.ComponentResource {
  /** By name; secret PEM. */
  readonly values: ReadonlyMap<string, pulumi.Output<string>>;

  constructor(name: string, args: SigningKeysArgs, options?: pulumi.ComponentResourceOptions) {
    super("tandem:trust:SigningKeys", name, {}, options);
    this.values = new Map(
      args.names.map((key) => [
        key,
        new tls.PrivateKey(`${key}-key`, privateKeyArguments("rsa-4096"), { parent: this }).privateKeyPem,
      ]),
    );
    this.registerOutputs({});
  }
}
