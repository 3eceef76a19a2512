import { nodePortRows } from "../../environments/model/flows/applications.ts";
import type { FlowRow } from "../../environments/model/flows/table.ts";
import { nodePorts } from "../../environments/model/ports.ts";
import { type Host, type Plane, planes, type Topology, type Zone } from "../../environments/model/topology.ts";
import { elements, known, match } from "./nftables.render.ts";

type Devices = Readonly<Record<Plane, string>>;

/** Interfaces of pods, as Calico names them. */
const pods = '"cali*"';

/**
 * What a worker lets pass for its pods. Which pod may speak to whom is for network policies to say, which Felix enforces beside these; these keep every
 * packet within the zone but for the ways into it of the table of flows, and what is not a pod's own out.
 */
export function podForwardRules(
  { kubernetes }: Topology,
  zone: Zone,
  host: Host,
  devices: Devices,
  received: readonly FlowRow[],
): string[] {
  const own = zone.pods.nodes[host.name] ?? "";
  const business = elements([devices.business]);
  // Only what a service of the node's ports has sent on to a pod: nobody from elsewhere names a pod himself.
  const handedOn = `iifname ${business} oifname ${pods} ct status dnat ct original ip daddr ${host.addresses.business}`;
  const byNodePorts = nodePortRows(received, zone).flatMap((row) =>
    match(
      { ...row, to: { ...row.to, cidrs: [own] } },
      `${handedOn} meta l4proto ${row.protocol} ct original proto-dst ${elements(row.ports)}`,
    ),
  );
  return [
    ...known.filter((rule) => !rule.startsWith("iifname lo")),
    "meta nfproto ipv6 counter drop",
    // Pods of another zone are nobody here: no route leads to them, and no packet is sent to look for one.
    `ip daddr ${kubernetes.podCidr} ip daddr != ${zone.pods.cidr} counter drop`,
    `iifname ${pods} ip saddr ${own} counter accept comment "of own pods"`,
    `iifname ${business} oifname ${pods} ip saddr ${zone.pods.cidr} ip daddr ${own} counter accept comment "of the zone's other pods"`,
    ...byNodePorts,
  ];
}

/**
 * Who may come by a port of the node, before kube-proxy sees it: for a service without pods it would refuse whoever asks, and an answer is more than the table of
 * flows permits.
 */
export const nodePortChain = (host: Host, devices: Devices, received: readonly FlowRow[]) => {
  const business = `iifname ${elements([devices.business])}`;
  const toNodePorts = (protocol: "tcp" | "udp"): string =>
    `${business} ip daddr ${host.addresses.business} ${protocol} dport ${nodePorts.first}-${nodePorts.last} counter drop`;
  return {
    chain: "node_ports",
    type: "filter",
    hook: "prerouting",
    priority: "mangle",
    policy: "accept",
    rules: [
      "ct state established,related accept",
      ...received.filter(({ plane }) => plane === "business").flatMap((row) => match(row, business)),
      toNodePorts("tcp"),
      toNodePorts("udp"),
    ],
  } as const;
};

/** Beyond their zone's pods they are their node: that is whom the table of flows knows. */
export const podAddressChain = (zone: Zone, host: Host, devices: Devices) =>
  ({
    chain: "pods",
    type: "nat",
    hook: "postrouting",
    priority: "srcnat",
    policy: "accept",
    rules: [
      `oifname ${elements(planes.map((plane) => devices[plane]))} ip saddr ${zone.pods.nodes[host.name]} ip daddr != ${zone.pods.cidr} counter masquerade`,
    ],
  }) as const;
