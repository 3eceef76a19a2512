import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";

export interface CertificateAuthorityArgs {
  /** The platform that trusts it; part of its name. */
  readonly platform: string;
  readonly organization: string;
  readonly validityHours: number;
}

/** The platform's own certificate authority: both sites trust it, so that they know one another when one of them is gone. */
export class CertificateAuthority extends pulumi.ComponentResource {
  /** PEM. */
  readonly certificate: pulumi.Output<string>;

  constructor(name: string, args: CertificateAuthorityArgs, options?: pulumi.ComponentResourceOptions) {
    super("tandem:trust:CertificateAuthority", name, {}, options);
    const key = new tls.PrivateKey(`${name}-key`, { algorithm: "ECDSA", ecdsaCurve: "P384" }, { parent: this, protect: true });
    const certificate = new tls.SelfSignedCert(
      `${name}-certificate`,
      {
        privateKeyPem: key.privateKeyPem,
        subject: { commonName: `${args.platform} platform authority`, organization: args.organization },
        isCaCertificate: true,
        setSubjectKeyId: true,
        validityPeriodHours: args.validityHours,
        allowedUses: ["cert_signing", "crl_signing"],
      },
      { parent: this, protect: true },
    );
    this.certificate = certificate.certPem;
    this.registerOutputs({ certificate: this.certificate });
  }
}
