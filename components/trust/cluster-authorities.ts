import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import type { Trust } from "../../environments/model/topology.ts";
import { CertificateAuthority } from "./certificate-authority.ts";
import { keySettings, privateKeyArguments } from "./private-key.ts";

export interface ClusterAuthoritiesArgs {
  readonly platform: string;
  readonly site: string;
  /** The platform's authority that they came with, and that they go with. */
  readonly generation: string;
  readonly trust: Trust;
  readonly isIssuing: boolean;
}

/** Who vouches for the users of a site's cluster. No host trusts them: they are known to that site's API servers alone. */
export class ClusterAuthorities extends pulumi.ComponentResource {
  /** Signs the cluster's users and nodes; its key lies on the site's control-plane hosts, which sign requests of nodes. */
  readonly kubernetes: CertificateAuthority;
  /** Signs what the API server shows to servers of aggregated APIs. */
  readonly frontProxy: CertificateAuthority;
  /** Signs the tokens of service accounts. PEM. */
  readonly serviceAccount: { readonly publicKey: pulumi.Output<string>; readonly privateKey: pulumi.Output<string> };

  constructor(name: string, args: ClusterAuthoritiesArgs, options?: pulumi.ComponentResourceOptions) {
    super("tandem:trust:ClusterAuthorities", name, {}, options);
    const { platform, site, generation, isIssuing } = args;
    const { organization, newAuthorities } = args.trust;
    const authority = (purpose: string): CertificateAuthority =>
      new CertificateAuthority(
        `${purpose}-${site}-${generation}`,
        { commonName: `${platform} ${purpose} ${site} ${generation}`, organization, ...newAuthorities, isIssuing },
        { parent: this },
      );
    this.kubernetes = authority("kubernetes");
    this.frontProxy = authority("front-proxy");
    const key = new tls.PrivateKey(`service-account-${site}-${generation}-key`, privateKeyArguments(newAuthorities.key), {
      parent: this,
      protect: isIssuing,
      ignoreChanges: keySettings,
    });
    this.serviceAccount = { publicKey: key.publicKeyPem, privateKey: key.privateKeyPem };
    this.registerOutputs({});
  }
}
