import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import type { AuthorityRole, Certificate } from "../../environments/model/certificates.ts";
import type { KeyType, Trust } from "../../environments/model/topology.ts";
import type { Signer } from "./certificate-authority.ts";
import { privateKeyArguments } from "./private-key.ts";

export interface ServiceCertificatesArgs {
  readonly certificates: readonly Certificate[];
  readonly settings: Trust["certificates"];
  /** What signs now. */
  readonly signers: ReadonlyMap<AuthorityRole, Signer>;
}

/** A service's certificate and its key. */
export interface IssuedCertificate {
  /** PEM: its own, then those that lead to a root. */
  readonly certificate: pulumi.Output<string>;
  /** PEM, secret. */
  readonly privateKey: pulumi.Output<string>;
  /** RFC 3339. */
  readonly endTime: pulumi.Output<string>;
}

/** The services' certificates. Each is made anew when whom it names or what signs it changes, and in the days before its end; its key stays. */
export class ServiceCertificates extends pulumi.ComponentResource {
  /** By name. */
  readonly issued: ReadonlyMap<string, IssuedCertificate>;

  constructor(name: string, args: ServiceCertificatesArgs, options?: pulumi.ComponentResourceOptions) {
    super("tandem:trust:ServiceCertificates", name, {}, options);
    this.issued = new Map(args.certificates.map((certificate) => [certificate.name, this.#issue(certificate, args)]));
    this.registerOutputs({});
  }

  #issue(
    { name, subject, dnsNames, ipAddresses, uses, signedBy }: Certificate,
    args: ServiceCertificatesArgs,
  ): IssuedCertificate {
    const signer = args.signers.get(signedBy);
    if (!signer)
      throw new Error(`certificate ${name}: nothing signs for ${signedBy}; allowed: ${[...args.signers.keys()].join(", ")}`);
    const { settings } = args;
    const key = new tls.PrivateKey(`${name}-key`, privateKeyArguments(settings.key), { parent: this });
    const request = new tls.CertRequest(
      `${name}-request`,
      { privateKeyPem: key.privateKeyPem, subject, dnsNames: [...dnsNames], ipAddresses: [...ipAddresses] },
      { parent: this },
    );
    const certificate = new tls.LocallySignedCert(
      `${name}-certificate`,
      {
        certRequestPem: request.certRequestPem,
        caCertPem: signer.certificate,
        caPrivateKeyPem: signer.privateKey,
        validityPeriodHours: settings.lifetimeDays * 24,
        earlyRenewalHours: settings.renewDays * 24,
        allowedUses: [...keyUses(settings.key), ...uses.map((use) => `${use}_auth`)],
      },
      { parent: this },
    );
    return {
      certificate: pulumi.interpolate`${certificate.certPem}${signer.intermediates}`,
      privateKey: key.privateKeyPem,
      endTime: certificate.validityEndTime,
    };
  }
}

/** RSA keys may also carry the key of older key exchanges; ECDSA keys can't (RFC 8813, section 3). */
const keyUses = (key: KeyType): string[] =>
  key.startsWith("rsa") ? ["digital_signature", "key_encipherment"] : ["digital_signature"];
