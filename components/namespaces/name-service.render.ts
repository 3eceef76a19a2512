import type { Zone } from "../../environments/model/topology.ts";
import { dnsLabels, dnsPodPort } from "./policies.render.ts";

export const dnsPorts = { health: 8080, ready: 8181 } as const;

/** Names of the zone's own namespaces and of the API, and no other zone's. Those outside of the cluster are asked of the zone's name server, where it has one. */
export const renderCorefile = (namespaces: readonly string[], nameServer: string | undefined): string =>
  [
    `.:${dnsPodPort} {`,
    "    errors",
    `    health :${dnsPorts.health} {`,
    "        lameduck 5s",
    "    }",
    `    ready :${dnsPorts.ready}`,
    "    kubernetes cluster.local in-addr.arpa {",
    `        namespaces ${[...namespaces, "default"].join(" ")}`,
    "        pods disabled",
    "        ttl 30",
    "    }",
    ...(nameServer === undefined ? [] : [`    forward . ${nameServer}`]),
    "    cache 30",
    "    loadbalance",
    "    reload",
    "}",
    "",
  ].join("\n");

/** What CoreDNS reads (its plugin kubernetes watches these in the whole cluster, and answers for its own namespaces). */
export const dnsRules = [
  { apiGroups: [""], resources: ["namespaces", "services"], verbs: ["list", "watch"] },
  { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["list", "watch"] },
];

const probe = (path: string, port: number) => ({ httpGet: { path, port }, periodSeconds: 5, timeoutSeconds: 3 });

/** As many as survive the loss of a node, where there are two. */
export const dnsDeployment = (zone: Zone, image: string, configuration: string) => ({
  replicas: Math.min(2, Object.keys(zone.pods.nodes).length),
  selector: { matchLabels: dnsLabels },
  template: {
    metadata: { labels: dnsLabels, annotations: { "tandem.internal/configuration": configuration } },
    spec: {
      serviceAccountName: "coredns",
      priorityClassName: "system-cluster-critical",
      // Whom it asks itself is in its own configuration.
      dnsPolicy: "Default",
      securityContext: { runAsNonRoot: true, runAsUser: 900, seccompProfile: { type: "RuntimeDefault" } },
      topologySpreadConstraints: [
        {
          maxSkew: 1,
          topologyKey: "kubernetes.io/hostname",
          whenUnsatisfiable: "ScheduleAnyway",
          labelSelector: { matchLabels: dnsLabels },
        },
      ],
      containers: [
        {
          name: "coredns",
          image,
          imagePullPolicy: "IfNotPresent",
          args: ["-conf", "/etc/coredns/Corefile"],
          ports: ["UDP", "TCP"].map((protocol) => ({
            name: `dns-${protocol.toLowerCase()}`,
            containerPort: dnsPodPort,
            protocol,
          })),
          livenessProbe: probe("/health", dnsPorts.health),
          readinessProbe: probe("/ready", dnsPorts.ready),
          resources: { requests: { cpu: "20m", memory: "48Mi" }, limits: { memory: "96Mi" } },
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] }, readOnlyRootFilesystem: true },
          volumeMounts: [{ name: "configuration", mountPath: "/etc/coredns", readOnly: true }],
        },
      ],
      volumes: [{ name: "configuration", configMap: { name: "coredns" } }],
    },
  },
  strategy: { rollingUpdate: { maxUnavailable: 1 } },
});
