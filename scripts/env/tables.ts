import Table from "cli-table3";
import { planes, type Topology } from "../../environments/model/topology.ts";

const plain = { style: { head: [], border: [] }, chars: { mid: "", "left-mid": "", "mid-mid": "", "right-mid": "" } };

/** What is where, for a terminal: the sites, the networks with their VIPs, the hosts, the flows. */
export function renderTables(topology: Topology): string {
  return [
    `${topology.platform}: ${topology.stage}, machines ${topology.machines}, availability ${topology.availability}`,
    sitesTable(topology),
    networksTable(topology),
    hostsTable(topology),
    flowsTable(topology),
    "",
  ].join("\n");
}

function sitesTable(topology: Topology): string {
  const table = new Table({ head: ["site", "role", "racks", "core network", "inter-site link", "zones", "hosts"], ...plain });
  for (const { name, role, racks, core, interSite, zones } of topology.sites) {
    const hosts = zones.reduce((count, zone) => count + zone.hosts.length, 0);
    table.push([name, role, racks.join(", "), core.cidr, interSite.cidr, zones.map((zone) => zone.name).join(", "), hosts]);
  }
  return table.toString();
}

function networksTable(topology: Topology): string {
  const table = new Table({ head: ["site", "zone", "plane", "VLAN", "network", "VIPs"], ...plain });
  for (const zone of topology.sites.flatMap(({ zones }) => zones)) {
    for (const plane of planes) {
      const vips = zone.vips.filter((vip) => vip.plane === plane).map(({ name, address }) => `${name} ${address}`);
      table.push([zone.site, zone.name, plane, zone.planes[plane].vlan, zone.planes[plane].cidr, vips.join("\n")]);
    }
  }
  return table.toString();
}

function hostsTable(topology: Topology): string {
  const table = new Table({ head: ["host", "role", "rack", ...planes], ...plain });
  for (const host of topology.sites.flatMap(({ zones }) => zones.flatMap(({ hosts }) => hosts))) {
    table.push([host.name, host.role, host.rack, ...planes.map((plane) => host.addresses[plane])]);
  }
  return table.toString();
}

function flowsTable(topology: Topology): string {
  const table = new Table({ head: ["flow", "from", "to", "plane", "port", "owner", "exception until"], ...plain });
  for (const { name, from, to, plane, protocol, ports, owner, exception } of topology.flows) {
    table.push([name, from, to, plane, `${protocol} ${ports.join(", ")}`, owner, exception?.expires ?? ""]);
  }
  return table.toString();
}
