import { planes, type Topology } from "../../../environments/model/topology.ts";
import type { Finder, Finding } from "./finding.ts";

/** By a name: addresses and VLANs by which something is reached. */
function addressesOf(topology: Topology): Map<string, string> {
  const found = new Map<string, string>();
  const { kubernetes, dns, ssh, trunk } = topology;
  found.set("pod range", kubernetes.podCidr).set("service range", kubernetes.serviceCidr);
  found.set("domain", dns.domain).set("SSH", `${ssh.user}, port ${ssh.port}`).set("trunk", trunk);
  for (const { name, core, interSite, zones } of topology.sites) {
    found.set(`core network of ${name}`, `VLAN ${core.vlan}, ${core.cidr}, upstream ${core.upstream}`);
    found.set(`link of ${name}`, `VLAN ${interSite.vlan}, ${interSite.cidr}`);
    for (const zone of zones) {
      const place = `${name}-${zone.name}`;
      for (const plane of planes) {
        const { vlan, cidr, gateway } = zone.planes[plane];
        found.set(`${plane} network of ${place}`, `VLAN ${vlan}, ${cidr}, gateway ${gateway}`);
      }
      found.set(`${place} in the core network`, zone.core.address);
      found.set(`pods of ${place}`, zone.pods.cidr);
      if (zone.externalNas !== undefined) found.set(`NAS of ${place}`, zone.externalNas);
      for (const { name: vip, address } of zone.vips) found.set(`VIP ${vip} of ${place}`, address);
      for (const host of zone.hosts)
        found.set(`addresses of ${host.name}`, planes.map((plane) => host.addresses[plane]).join(", "));
    }
  }
  return found;
}

/** What is reached by another address or in another VLAN than before. A network's own finding stands for those of what is in it. */
export const networkFindings: Finder = (before, after) => {
  const [old, current] = [addressesOf(before), addressesOf(after)];
  const moved = [...current].filter(([name, value]) => old.has(name) && old.get(name) !== value);
  const networks = moved.filter(([name]) => !name.startsWith("addresses of") && !name.startsWith("VIP "));
  const inMoved = (name: string): boolean =>
    networks.some(([network]) => network.includes("network of") && name.includes(network.split(" network of ")[1] ?? " "));
  return moved
    .filter((each) => networks.includes(each) || !inMoved(each[0]))
    .map(([name, value]) => finding(name, old.get(name), value));
};

const finding = (name: string, was: string | undefined, is: string): Finding => ({
  weight: "dangerous",
  subject: name,
  what: `from ${was} to ${is}: whoever has the old address loses it, and hosts are changed over the network that moves`,
  todo: "if it is no mistake, move it in a maintenance window, zone by zone, with access by console",
});
