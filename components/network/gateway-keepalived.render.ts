import { type Host, planes, type Timings, uplinksOf, type Zone } from "../../environments/model/topology.ts";
import { managed } from "../managed.render.ts";
import type { GatewayDevices } from "./gateway.render.ts";
import { type HeldAddress, renderGlobals, renderInstance } from "./vrrp.render.ts";

/** The same path on a gateway and in its containers. */
export const gatewayDirectory = "/etc/tandem/gateway";

export const gatewayPaths = {
  keepalived: `${gatewayDirectory}/keepalived.conf`,
  connectionStates: `${gatewayDirectory}/conntrackd.conf`,
  droppedLog: `${gatewayDirectory}/ulogd.conf`,
  nameServer: `${gatewayDirectory}/Corefile`,
  names: `${gatewayDirectory}/names`,
  /** In memory, each container its own. */
  runtime: "/run/gateway",
} as const;

/** What runs on a gateway: who holds the addresses, what the other one has to know of connections, what was dropped, and the zone's names. */
export const gatewayServices = ["keepalived", "conntrackd", "ulogd", "coredns"] as const;
export type GatewayService = (typeof gatewayServices)[number];

/** All addresses that a zone's gateways hold together, as one of the pair sees them. */
export function heldAddresses(zone: Zone, host: Host, devices: GatewayDevices): HeldAddress[] {
  const gateways = zone.hosts.filter(({ role }) => role === "gateway");
  const others = gateways.filter(({ name }) => name !== host.name);
  const place = gateways.findIndex(({ name }) => name === host.name);
  const ofPlanes = planes.map((plane): HeldAddress => {
    const vip = zone.vips.find(({ name }) => name === `gateway-${plane}`);
    if (!vip) throw new Error(`${host.name}: its zone has no VIP gateway-${plane}`);
    const peers = others.map(({ addresses }) => addresses[plane]);
    return {
      name: plane,
      address: vip.address,
      device: devices[plane],
      vrid: vip.vrid,
      own: host.addresses[plane],
      peers,
      place,
    };
  });
  const ofUplinks = uplinksOf(zone, host).map(
    ({ name, address, vrid, own, ownAddress }): HeldAddress => ({
      ...{ name, address, vrid, place, device: devices[name] ?? "", own: ownAddress },
      peers: others.flatMap((other) => own[other.name] ?? []),
    }),
  );
  return [...ofPlanes, ...ofUplinks];
}

/** They move together: a packet that comes by one of a pair is answered through the same one. */
export function renderGatewayKeepalived(zone: Zone, host: Host, devices: GatewayDevices, timings: Timings): string {
  const held = heldAddresses(zone, host, devices);
  return `# ${managed}
${renderGlobals(host.name)}
vrrp_sync_group zone {
  group {
${held.map(({ name }) => `    ${name}`).join("\n")}
  }
}

${held.map((one) => renderInstance(one, timings)).join("\n")}`;
}

/** The command of its container: it stays in the foreground, and what it keeps of its processes is gone with the container. */
export const gatewayKeepalivedCommand: readonly string[] = [
  "keepalived",
  ...["--dont-fork", "--log-console", "--log-detail", "--vrrp", `--use-file=${gatewayPaths.keepalived}`],
  ...[`--pid=${gatewayPaths.runtime}/keepalived.pid`, `--vrrp_pid=${gatewayPaths.runtime}/vrrp.pid`],
];

/** Prints what a gateway lacks within a time in seconds, and nothing where it serves. */
export const renderGatewayServes = (seconds: number): string => `serves() {
  missing="packet filter"
  nft list table inet tandem > /dev/null 2>&1 || return
  for missing in ${gatewayServices.join(" ")}; do pgrep -x "$missing" > /dev/null || return; done
}
tries=0
until serves; do
  tries=$((tries + 1))
  [ "$tries" -lt ${seconds} ] || { echo "$missing"; exit 0; }
  sleep 1
done
`;
