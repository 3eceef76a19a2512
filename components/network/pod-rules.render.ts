import { type Host, type Plane, planes, type Topology, type Zone } from "../../environments/model/topology.ts";
import { elements, known } from "./nftables.render.ts";

type Devices = Readonly<Record<Plane, string>>;

/** Interfaces of pods, as Calico names them. */
const pods = '"cali*"';

/**
 * What a worker lets pass for its pods. Which pod may speak to whom is for network policies to say, which Felix enforces beside these; these keep every
 * packet within the zone, and what is not a pod's own out.
 */
export function podForwardRules({ kubernetes }: Topology, zone: Zone, host: Host, devices: Devices): string[] {
  const own = zone.pods.nodes[host.name] ?? "";
  return [
    ...known.filter((rule) => !rule.startsWith("iifname lo")),
    "meta nfproto ipv6 counter drop",
    // Pods of another zone are nobody here: no route leads to them, and no packet is sent to look for one.
    `ip daddr ${kubernetes.podCidr} ip daddr != ${zone.pods.cidr} counter drop`,
    `iifname ${pods} ip saddr ${own} counter accept comment "of own pods"`,
    `iifname ${elements([devices.business])} oifname ${pods} ip saddr ${zone.pods.cidr} ip daddr ${own} counter accept comment "of the zone's other pods"`,
  ];
}

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
