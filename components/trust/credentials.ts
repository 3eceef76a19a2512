import type * as pulumi from "@pulumi/pulumi";
import type { AuthorityRole } from "../../environments/model/certificates.ts";

/** What a service shows of itself. PEM. */
export interface Credential {
  /** Its own certificate, then those that lead to a root. */
  readonly certificate: pulumi.Output<string>;
  /** Secret. */
  readonly privateKey: pulumi.Output<string>;
}

/** What services show and what they believe. The trust stack made it; the stack that places the services hands it to their components. */
export interface Credentials {
  /** All authorities of a role that are trusted now, in one PEM text. */
  authorities(role: AuthorityRole): pulumi.Output<string>;
  /** By the name that the model gives it (environments/model/certificates.ts). */
  issued(certificate: string): Credential;
  /** Secret PEM key without a certificate of its own here: `kubernetes-<site>` signs nodes' requests, `service-account-<site>` tokens, those of `signingKeysOf` what their names say. */
  privateKey(name: string): pulumi.Output<string>;
  /** A service account's token that one of these keys fits is valid. In one PEM text. */
  serviceAccountPublicKeys(site: string): pulumi.Output<string>;
  /** Secret. */
  password(purpose: string): pulumi.Output<string>;
}

/** Certificate and key in one text: most programs read both from one file, so that they can't be half changed. Secret. */
export const pemOf = ({ certificate, privateKey }: Credential): pulumi.Output<string> =>
  certificate.apply((text) => privateKey.apply((key) => text + key));
