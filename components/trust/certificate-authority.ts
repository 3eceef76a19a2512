import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import type { KeyType } from "../../environments/model/topology.ts";
import { keySettings, privateKeyArguments } from "./private-key.ts";

/** What signs certificates, made here or the user's own. */
export interface Signer {
  /** PEM: its certificate, then those of its parents up to the root. */
  readonly certificate: pulumi.Output<string>;
  /** PEM: what a service shows after its own certificate, so that whoever trusts the root alone can follow; empty for a root. */
  readonly intermediates: string;
  /** PEM, secret. */
  readonly privateKey: pulumi.Output<string>;
  /** When its certificate ends, RFC 3339. */
  readonly endTime: pulumi.Output<string>;
}

export interface CertificateAuthorityArgs {
  readonly commonName: string;
  readonly organization: string;
  readonly key: KeyType;
  readonly lifetimeDays: number;
  /** While it issues: the engine refuses to delete or replace it. */
  readonly isIssuing: boolean;
}

/** A certificate authority with a key of its own. It stays as it was made: another one is another resource. */
export class CertificateAuthority extends pulumi.ComponentResource implements Signer {
  readonly certificate: pulumi.Output<string>;
  readonly intermediates = "";
  readonly privateKey: pulumi.Output<string>;
  readonly endTime: pulumi.Output<string>;

  constructor(name: string, args: CertificateAuthorityArgs, options?: pulumi.ComponentResourceOptions) {
    super("tandem:trust:CertificateAuthority", name, {}, options);
    const made = { parent: this, protect: args.isIssuing };
    const key = new tls.PrivateKey(`${name}-key`, privateKeyArguments(args.key), { ...made, ignoreChanges: keySettings });
    const certificate = new tls.SelfSignedCert(
      `${name}-certificate`,
      {
        privateKeyPem: key.privateKeyPem,
        subject: { commonName: args.commonName, organization: args.organization },
        isCaCertificate: true,
        setSubjectKeyId: true,
        validityPeriodHours: args.lifetimeDays * 24,
        allowedUses: ["cert_signing", "crl_signing"],
      },
      { ...made, ignoreChanges: ["subject", "validityPeriodHours"] },
    );
    this.certificate = certificate.certPem;
    this.privateKey = key.privateKeyPem;
    this.endTime = certificate.validityEndTime;
    this.registerOutputs({ endTime: this.endTime });
  }
}
