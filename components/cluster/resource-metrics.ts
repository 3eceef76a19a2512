import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { metricsServerUser, metricsService } from "../../environments/model/certificates.ts";
import { controlPlanePorts } from "../../environments/model/ports.ts";
import type { Site } from "../../environments/model/topology.ts";
import type { Credentials } from "../trust/credentials.ts";

export interface ResourceMetricsArgs {
  readonly site: Site;
  readonly provider: kubernetes.Provider;
  readonly credentials: Credentials;
  /** What must be there first: the servers that answer. */
  readonly after: pulumi.Input<pulumi.Resource[]>;
}

const group = "metrics.k8s.io";
const version = "v1beta1";

/** As upstream's `system:metrics-server` (https://github.com/kubernetes-sigs/metrics-server, manifests/base/rbac.yaml). */
const rules = [
  { apiGroups: [""], resources: ["nodes/metrics"], verbs: ["get"] },
  { apiGroups: [""], resources: ["nodes", "pods"], verbs: ["get", "list", "watch"] },
];

/** The API of what nodes and pods use. Each API server has it from the server on its own host, knows that one by its name, and gives it the rights it needs. */
export class ResourceMetrics extends pulumi.ComponentResource {
  constructor(name: string, args: ResourceMetricsArgs, options?: pulumi.ComponentResourceOptions) {
    super("tandem:cluster:ResourceMetrics", name, {}, options);
    const { site, provider, credentials } = args;
    const own = { parent: this, provider };
    const role = new kubernetes.rbac.v1.ClusterRole("metrics-server", { metadata: { name: metricsServerUser }, rules }, own);
    const bind = (binding: string, bound: string): pulumi.Resource =>
      new kubernetes.rbac.v1.ClusterRoleBinding(
        binding,
        {
          metadata: { name: `tandem:${binding}` },
          roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: bound },
          subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: metricsServerUser }],
        },
        { ...own, dependsOn: role },
      );
    const rights = [
      bind("metrics-server", metricsServerUser),
      // It asks the API server who somebody is and what they may.
      bind("metrics-server-delegation", "system:auth-delegator"),
    ];
    // Whoever resolves it is led to its own host.
    const service = new kubernetes.core.v1.Service(
      "metrics-server",
      { metadata: metricsService, spec: { type: "ExternalName", externalName: "localhost" } },
      own,
    );
    const caBundle = credentials.authorities("platform").apply((pem) => Buffer.from(pem).toString("base64"));
    new kubernetes.apiregistration.v1.APIService(
      "resource-metrics",
      {
        // Waits until a server answers: without one, whoever lists all kinds fails, as the deletion of a namespace does.
        metadata: { name: `${version}.${group}`, annotations: { "pulumi.com/waitFor": "condition=Available" } },
        spec: {
          ...{ group, version, caBundle, groupPriorityMinimum: 100, versionPriority: 100 },
          service: { ...metricsService, port: controlPlanePorts.metrics },
        },
      },
      { ...own, dependsOn: pulumi.output(args.after).apply((after) => [...after, ...rights, service]) },
    );
    this.registerOutputs({ site: site.name });
  }
}
