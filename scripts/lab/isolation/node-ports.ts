import { nodePortRows } from "../../../environments/model/flows/applications.ts";
import type { Zone } from "../../../environments/model/topology.ts";
import type { Ground } from "./plan.ts";
import type { Traffic } from "./probes.ts";

// The ways by which others come to a zone's pods. Pure.

/** Ports of a zone's nodes that the table opens to others. */
export function nodePortsOf({ table }: Pick<Ground, "table">, zone: Zone): Traffic[] {
  const all = nodePortRows(table, zone).flatMap(({ protocol, ports }) =>
    protocol === "tcp" || protocol === "udp" ? ports.map((port) => ({ protocol, port })) : [],
  );
  return [...new Map(all.map((one) => [wordOf(one), one])).values()];
}

const wordOf = ({ protocol, port }: Traffic): string => `${protocol} ${port}`;

/** A service of all of them in front of some pods, as the API takes it. */
export const nodePortService = (name: string, namespace: string, app: string, ports: readonly Traffic[]) => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name, namespace, labels: { app } },
  spec: {
    type: "NodePort",
    externalTrafficPolicy: "Local",
    selector: { app },
    ports: ports.map((one) => ({
      name: wordOf(one).replace(" ", "-"),
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
