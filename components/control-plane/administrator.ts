import * as pulumi from "@pulumi/pulumi";
import type { Credentials } from "../trust/credentials.ts";
import type { ApiCaller } from "./api-health.ts";
import { type ControlPlaneCluster, serverUrl } from "./cluster.render.ts";
import { renderKubeconfig } from "./kubeconfig.render.ts";

/** The user who may do everything in a site's cluster. */
export interface Administrator {
  /** Secret. Its server is the VIP. */
  readonly kubeconfig: pulumi.Output<string>;
  /** How the program asks an API server as this user. */
  readonly caller: pulumi.Output<Required<ApiCaller>>;
}

export function administratorOf(cluster: ControlPlaneCluster, credentials: Credentials): Administrator {
  const issued = credentials.issued(`kubernetes-administrator-${cluster.site}`);
  const caller = pulumi
    .all([credentials.authorities("platform"), issued.certificate, issued.privateKey])
    .apply(([authorities, certificate, privateKey]) => ({ authorities, user: { certificate, privateKey } }));
  const kubeconfig = caller.apply(({ authorities, user }) =>
    renderKubeconfig({
      cluster: cluster.name,
      server: serverUrl(cluster.apiAddress),
      user: "administrator",
      authorities: { pem: authorities },
      credential: user,
    }),
  );
  return { kubeconfig: pulumi.secret(kubeconfig), caller };
}
