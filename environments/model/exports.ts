import { platformOf, roleParty } from "./flows/party.ts";
import { flowTable } from "./flows/table.ts";
import { platformPorts } from "./ports.ts";
import { platformZone, type Site, type Topology } from "./topology.ts";

/** What one zone of a site may mount of its NAS: a directory tree that no other zone sees. */
export interface NasExport {
  readonly zone: string;
  /** As clients name it, below the NAS's root. */
  readonly path: string;
  /** Stays while the zone does, whatever becomes of others: clients' handles hold it. 1 to 65535. */
  readonly id: number;
  /** The zone's storage network, as CIDR. */
  readonly clients: string;
  /** False at the standby site, whose files are copies; true in the platform zone, where each site's own backups lie. */
  readonly isWritable: boolean;
}

/** The exports of a site's NAS, by zone: one for each zone from which a row of the table leads there. */
export function exportsOf(topology: Topology, site: Site): NasExport[] {
  const nas = roleParty(platformOf(site), "nas", "storage").cidrs;
  const zones = new Set(
    flowTable(topology)
      .filter(
        ({ from, to, ports }) =>
          from.site === site.name && ports.includes(platformPorts.nfs) && to.cidrs.some((cidr) => nas.includes(cidr)),
      )
      .map(({ from }) => from.zone),
  );
  return site.zones
    .filter(({ name }) => zones.has(name))
    .map(({ name, planes: { storage } }) => ({
      ...{ zone: name, path: `/${name}`, id: storage.vlan, clients: storage.cidr },
      isWritable: site.role === "active" || name === platformZone,
    }))
    .toSorted((a, b) => (a.zone < b.zone ? -1 : 1));
}
