import { type Host, planes, uplinksOf, type Zone } from "../../environments/model/topology.ts";
import { managed } from "../managed.render.ts";

/** One VLAN interface a network on the host's trunk, in the format of interfaces(5). Routes are a file of their own. */
export function renderInterfaces(zone: Zone, host: Host, trunk: string): string {
  const networks = [
    ...planes.map((plane) => ({ ...zone.planes[plane], address: host.addresses[plane] })),
    ...uplinksOf(zone, host).map(({ ownAddress, ...uplink }) => ({ ...uplink, address: ownAddress })),
  ];
  const lines = networks.flatMap(({ vlan, prefixLength, address }) => {
    const device = `${trunk}.${vlan}`;
    return [
      "",
      `auto ${device}`,
      `iface ${device} inet static`,
      `  address ${address}/${prefixLength}`,
      `  vlan-raw-device ${trunk}`,
    ];
  });
  return [`# ${managed}`, ...lines, ""].join("\n");
}
