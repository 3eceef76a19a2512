import { type Plane, planes, type Topology, type Zone } from "../../environments/model/topology.ts";
import type { GatewayDevices } from "./gateway.render.ts";

type Interfaces = Pick<Topology, "machines" | "trunk">;

/** VLANs of the trunk on real machines; in the lab in the order of the planes, then the core network and the link. */
export const deviceName = ({ machines, trunk }: Interfaces, index: number, vlan: number): string =>
  machines === "ssh" ? `${trunk}.${vlan}` : `eth${index}`;

/** The interfaces of a zone's hosts. */
export const hostDevices = (topology: Interfaces, zone: Zone): Record<Plane, string> =>
  Object.fromEntries(planes.map((plane, index) => [plane, deviceName(topology, index, zone.planes[plane].vlan)])) as Record<
    Plane,
    string
  >;

/** Those of its gateways. */
export function gatewayDevices(topology: Interfaces, zone: Zone): GatewayDevices {
  const core = deviceName(topology, planes.length, zone.core.vlan);
  const link = zone.link && deviceName(topology, planes.length + 1, zone.link.vlan);
  return { ...hostDevices(topology, zone), core, ...(link !== undefined && { link }) };
}
