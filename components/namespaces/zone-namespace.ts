import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { nodePortsAnnotation } from "../cluster/node-ports.render.ts";
import { namespaceZoneLabel } from "../cluster/placement.render.ts";
import { containerDefaults } from "./bounds.render.ts";
import type { Policy } from "./policies.render.ts";

export interface ZoneNamespaceArgs {
  readonly provider: kubernetes.Provider;
  readonly zone: string;
  /** The namespace's own name. */
  readonly namespace: string;
  /** Of a ResourceQuota, as in `requests.cpu`. */
  readonly quota: Readonly<Record<string, string>>;
  readonly policies: readonly Policy[];
  /** What its services may take, as in `TCP/8443`. */
  readonly nodePorts: readonly string[];
  /** What its pods may do on their node: nothing, by default. https://kubernetes.io/docs/concepts/security/pod-security-standards/ */
  readonly podSecurity?: "privileged";
}

/** A namespace of a zone: closed in both directions but for its policies, bounded, and its pods without any rights on their node where it is not the platform's own. */
export class ZoneNamespace extends pulumi.ComponentResource {
  /** What is placed in it waits for all of it. */
  readonly parts: readonly pulumi.Resource[];

  constructor(name: string, args: ZoneNamespaceArgs, options?: pulumi.ComponentResourceOptions) {
    super("tandem:namespaces:ZoneNamespace", name, {}, options);
    const { namespace, provider } = args;
    const { podSecurity = "restricted" } = args;
    const bounds = Object.fromEntries(
      ["audit", "enforce", "warn"].map((mode) => [`pod-security.kubernetes.io/${mode}`, podSecurity]),
    );
    const annotations = { [nodePortsAnnotation]: args.nodePorts.join(",") };
    const made = new kubernetes.core.v1.Namespace(
      namespace,
      {
        metadata: {
          name: namespace,
          labels: { [namespaceZoneLabel]: args.zone, ...bounds },
          ...(args.nodePorts.length > 0 && { annotations }),
        },
      },
      { parent: this, provider },
    );
    const within = { parent: this, provider, dependsOn: made };
    const metadata = (own: string) => ({ name: own, namespace });
    this.parts = [
      made,
      new kubernetes.core.v1.ResourceQuota(
        `${namespace}-quota`,
        { metadata: metadata("zone"), spec: { hard: args.quota } },
        within,
      ),
      new kubernetes.core.v1.LimitRange(
        `${namespace}-limits`,
        { metadata: metadata("zone"), spec: { limits: [containerDefaults] } },
        within,
      ),
      ...args.policies.map(
        ({ name: policy, spec }) =>
          new kubernetes.networking.v1.NetworkPolicy(`${namespace}-${policy}`, { metadata: metadata(policy), spec }, within),
      ),
    ];
    this.registerOutputs({});
  }
}
