import { platformNetworks } from "../../environments/model/flows/party.ts";
import type { FlowRow } from "../../environments/model/flows/table.ts";
import { type Host, type Plane, planes, type Topology, type Zone } from "../../environments/model/topology.ts";
import { droppedRules, elements, known, match, rules } from "./nftables.render.ts";
import { nodePortChain, podAddressChain, podForwardRules } from "./pod-rules.render.ts";

/**
 * The rules of a host that is no gateway, of what it receives: on each plane comes in what the table permits to its address there, or to a VIP that it can hold, and
 * nothing else; nothing passes through it but what a worker's own pods send and get. So nobody reaches a plane's address by another plane's interface.
 */
export function renderHostRules(
  topology: Topology,
  zone: Zone,
  host: Host,
  devices: Readonly<Record<Plane, string>>,
  received: readonly FlowRow[],
): string {
  const addressesOn = (plane: Plane): string[] => [
    host.addresses[plane],
    ...zone.vips.filter((vip) => vip.plane === plane && vip.holders.includes(host.name)).map(({ address }) => address),
  ];
  const own = received.flatMap((row) => {
    const mine = addressesOn(row.plane).map((address) => `${address}/32`);
    const cidrs = row.to.cidrs.filter((cidr) => mine.includes(cidr));
    return cidrs.length > 0 ? [{ ...row, to: { ...row.to, cidrs } }] : [];
  });
  return rules([
    { set: "platform", networks: () => platformNetworks(topology) },
    ...(host.role === "worker" ? [nodePortChain(host, devices, own)] : []),
    {
      chain: "input",
      hook: "input",
      priority: "filter",
      policy: "drop",
      rules: [
        ...known,
        "meta nfproto ipv6 counter drop",
        ...planes.flatMap((plane) =>
          own.filter((row) => row.plane === plane).flatMap((row) => match(row, `iifname ${elements([devices[plane]])}`)),
        ),
        ...droppedRules("input"),
      ],
    },
    {
      chain: "forward",
      hook: "forward",
      priority: "filter",
      policy: "drop",
      rules: [...(host.role === "worker" ? podForwardRules(topology, zone, host, devices, own) : []), ...droppedRules("forward")],
    },
    ...(host.role === "worker" ? [podAddressChain(zone, host, devices)] : []),
  ]);
}
