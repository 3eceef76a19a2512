import { createHash } from "node:crypto";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Zone } from "../../environments/model/topology.ts";
import { dnsDeployment, dnsRules, renderCorefile } from "./name-service.render.ts";
import { dnsLabels, dnsPodPort } from "./policies.render.ts";

export interface NameServiceArgs {
  readonly provider: kubernetes.Provider;
  readonly zone: Zone;
  readonly namespace: string;
  /** Whose names it answers. */
  readonly namespaces: readonly string[];
  readonly image: string;
  /** Who is asked for all other names. */
  readonly nameServer: string | undefined;
  /** Whether any node can run it: nobody waits for pods of a zone whose nodes are all out of service. */
  readonly hasNodes: boolean;
  /** What must be there first. */
  readonly after: pulumi.Output<readonly pulumi.Resource[]>;
}

/** A zone's own CoreDNS: its pods ask nobody of another zone, and hear no other zone's names. */
export class NameService extends pulumi.ComponentResource {
  constructor(name: string, args: NameServiceArgs, options?: pulumi.ComponentResourceOptions) {
    super("tandem:namespaces:NameService", name, {}, options);
    const { namespace, provider, zone } = args;
    const own = { parent: this, provider, dependsOn: args.after.apply((after) => [...after]) };
    const metadata = { name: "coredns", namespace };
    const role = `tandem:coredns:${zone.name}`;
    const corefile = renderCorefile(args.namespaces, args.nameServer);

    const account = new kubernetes.core.v1.ServiceAccount(`coredns-${zone.name}`, { metadata }, own);
    const rights = new kubernetes.rbac.v1.ClusterRole(`coredns-${zone.name}`, { metadata: { name: role }, rules: dnsRules }, own);
    const bound = new kubernetes.rbac.v1.ClusterRoleBinding(
      `coredns-${zone.name}`,
      {
        metadata: { name: role },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role },
        subjects: [{ kind: "ServiceAccount", ...metadata }],
      },
      { parent: this, provider, dependsOn: rights },
    );
    const configuration = new kubernetes.core.v1.ConfigMap(
      `coredns-${zone.name}`,
      { metadata, data: { Corefile: corefile } },
      own,
    );
    const digest = createHash("sha256").update(corefile).digest("hex").slice(0, 12);
    const spec = dnsDeployment(zone, args.image, digest);
    const deployment = new kubernetes.apps.v1.Deployment(
      `coredns-${zone.name}`,
      { metadata: { ...metadata, ...(!args.hasNodes && { annotations: { "pulumi.com/skipAwait": "true" } }) }, spec },
      { parent: this, provider, dependsOn: [account, bound, configuration] },
    );
    new kubernetes.core.v1.Service(
      `coredns-${zone.name}`,
      {
        metadata,
        spec: {
          clusterIP: zone.pods.dns,
          selector: dnsLabels,
          ports: ["UDP", "TCP"].map((protocol) => ({
            name: `dns-${protocol.toLowerCase()}`,
            port: 53,
            targetPort: dnsPodPort,
            protocol,
          })),
        },
      },
      { parent: this, provider, dependsOn: deployment },
    );
    this.registerOutputs({});
  }
}
