import { type Host, planes, type Zone } from "../../environments/model/topology.ts";

/** One VLAN interface a plane on the host's trunk, in the format of interfaces(5); the business plane holds the default route of all but gateways. */
export function renderInterfaces(zone: Zone, host: Host, trunk: string): string {
  const lines = ["# Managed by Tandem: changes by hand are found and reported."];
  for (const name of planes) {
    const plane = zone.planes[name];
    const device = `${trunk}.${plane.vlan}`;
    lines.push("", `auto ${device}`, `iface ${device} inet static`, `  address ${host.addresses[name]}/${plane.prefixLength}`);
    lines.push(`  vlan-raw-device ${trunk}`);
    if (name === "business" && host.role !== "gateway") lines.push(`  gateway ${plane.gateway}`);
  }
  return [...lines, ""].join("\n");
}
