import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { metricsServerUser, metricsService } from "../../environments/model/certificates.ts";
import { controlPlanePorts } from "../../environments/model/ports.ts";
import type { Site, Topology } from "../../environments/model/topology.ts";
import { controlPlaneCluster } from "../control-plane/cluster.render.ts";
import type { Credentials } from "../trust/credentials.ts";

export interface ResourceMetricsArgs {
  readonly topology: Topology;
  readonly site: Site;
  readonly provider: kubernetes.Provider;
  readonly credentials: Credentials;
  /** What must be there first: the servers that answer. */
  readonly after: pulumi.Input<pulumi.Resource[]>;
}

const group = "metrics.k8s.io";
const version = "v1beta1";
const port = { name: "https", protocol: "TCP" } as const;

/** As upstream's `system:metrics-server` (https://github.com/kubernetes-sigs/metrics-server, manifests/base/rbac.yaml). */
const rules = [
  { apiGroups: [""], resources: ["nodes/metrics"], verbs: ["get"] },
  { apiGroups: [""], resources: ["nodes", "pods"], verbs: ["get", "list", "watch"] },
];

/** The API of what nodes and pods use: where its servers are, whom API servers believe about them, and what those may read. */
export class ResourceMetrics extends pulumi.ComponentResource {
  constructor(name: string, args: ResourceMetricsArgs, options?: pulumi.ComponentResourceOptions) {
    super("tandem:cluster:ResourceMetrics", name, {}, options);
    const { topology, site, provider, credentials } = args;
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
    // No address of its own: whoever calls it reads where its servers are.
    const service = new kubernetes.core.v1.Service(
      "metrics-server",
      { metadata: metricsService, spec: { clusterIP: "None", ports: [{ ...port, port: 443 }] } },
      own,
    );
    const servers = new kubernetes.discovery.v1.EndpointSlice(
      "metrics-server",
      {
        metadata: { ...metricsService, labels: { "kubernetes.io/service-name": metricsService.name } },
        addressType: "IPv4",
        endpoints: controlPlaneCluster(topology, site).members.map(({ addresses }) => ({ addresses: [addresses.management] })),
        ports: [{ ...port, port: controlPlanePorts.metrics }],
      },
      own,
    );
    const caBundle = credentials.authorities("platform").apply((pem) => Buffer.from(pem).toString("base64"));
    new kubernetes.apiregistration.v1.APIService(
      "resource-metrics",
      {
        // Waits until a server answers: without one, whoever lists all kinds fails, as the deletion of a namespace does.
        metadata: { name: `${version}.${group}`, annotations: { "pulumi.com/waitFor": "condition=Available" } },
        spec: { group, version, service: metricsService, caBundle, groupPriorityMinimum: 100, versionPriority: 100 },
      },
      { ...own, dependsOn: pulumi.output(args.after).apply((after) => [...after, ...rights, service, servers]) },
    );
    this.registerOutputs({ site: site.name });
  }
}
