import { planes, type Topology, type Zone } from "../../environments/model/topology.ts";
import type { GatewayDevices } from "./gateway.render.ts";

/** The interfaces of a zone's gateways: VLANs of the trunk on real machines; in the lab in the order of the planes, then the core network and the link. */
export function gatewayDevices({ machines, trunk }: Pick<Topology, "machines" | "trunk">, zone: Zone): GatewayDevices {
  const name = (index: number, vlan: number): string => (machines === "ssh" ? `${trunk}.${vlan}` : `eth${index}`);
  const [business, management, storage] = planes.map((plane, index) => name(index, zone.planes[plane].vlan)) as [
    string,
    string,
    string,
  ];
  const core = name(planes.length, zone.core.vlan);
  return { business, management, storage, core, ...(zone.link && { link: name(planes.length + 1, zone.link.vlan) }) };
}
