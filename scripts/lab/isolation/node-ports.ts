import type { Traffic } from "./probes.ts";

// The ways by which others come to a zone's pods. Pure.

/** A service of ports of nodes in front of some pods, as the API takes it. */
export const nodePortService = (name: string, namespace: string, app: string, ports: readonly Traffic[]) => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name, namespace, labels: { app } },
  spec: {
    type: "NodePort",
    externalTrafficPolicy: "Local",
    selector: { app },
    ports: ports.map((one) => ({
      name: `${one.protocol}-${one.port}`,
      protocol: one.protocol.toUpperCase(),
      ...{ port: one.port, targetPort: one.port, nodePort: one.port },
    })),
  },
});

/** Shell that succeeds when kube-proxy hands on each of these ports of its node. */
export const renderHandsOn = (ports: readonly Traffic[]): string =>
  [
    "served=$(nft list map ip kube-proxy service-nodeports)",
    ...ports.map((one) => `echo "$served" | grep -q '\\b${one.protocol} \\. ${one.port} :'`),
  ].join(" && ");
