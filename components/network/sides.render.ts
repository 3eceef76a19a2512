import type { Party } from "../../environments/model/flows/party.ts";
import type { FlowRow } from "../../environments/model/flows/table.ts";
import { type Plane, platformZone, type Site, type Zone } from "../../environments/model/topology.ts";

/** On which side of a pair of gateways an end lies: inside, on a plane, or towards the others. */
export type Side = Plane | "core" | "link";

/** The other site is reached by the link, which the platform zone's gateways hold, and by the others through those. */
export function sideOf(site: Site, zone: Zone, party: Party, plane: Plane): Side {
  if (party.site === site.name && party.zone === zone.name) return plane;
  const isThere = party.site !== undefined && party.site !== site.name;
  return isThere && zone.name === platformZone ? "link" : "core";
}

/** A row whose packets pass a zone's gateways, and by which sides. */
export interface Passing {
  readonly from: Side;
  readonly to: Side;
  readonly row: FlowRow;
}

export const passingRows = (site: Site, zone: Zone, rows: readonly FlowRow[]): Passing[] =>
  rows.flatMap((row) => {
    const [from, to] = [sideOf(site, zone, row.from, row.plane), sideOf(site, zone, row.to, row.plane)];
    // What is outside comes to each site by the site's own way.
    const isOtherSites = [row.from, row.to].every((end) => end.site !== site.name);
    return from === to || isOtherSites || row.protocol === "vrrp" ? [] : [{ from, to, row }];
  });
