import type { Host, HostRole, Topology } from "../../environments/model/topology.ts";

/** A host as a page speaks of it. */
export type HostPlace = Pick<Host, "name" | "site" | "zone" | "role">;

/** Finds the host that a resource is about, by its name: `haproxy-dc1-platform-lb1`, `kubelet-dc1-office-wk2-definition`. */
export function hostFinder(...topologies: readonly Topology[]): (resource: string) => HostPlace | undefined {
  const hosts = topologies.flatMap(({ sites }) => sites.flatMap(({ zones }) => zones.flatMap((zone) => zone.hosts)));
  const byName = new Map(hosts.map(({ name, site, zone, role }) => [name, { name, site, zone, role }]));
  return (resource) => {
    const words = resource.split("-");
    for (let start = 0; start < words.length; start++) {
      const host = byName.get(words.slice(start, start + 3).join("-"));
      if (host) return host;
    }
    return undefined;
  };
}

export const zoneOf = ({ site, zone }: Pick<HostPlace, "site" | "zone">): string => `${site}-${zone}`;

/** As in `database hosts of dc1-platform`. */
export const groupOf = ({
  site,
  zone,
  role,
}: {
  readonly site: string;
  readonly zone: string;
  readonly role: HostRole;
}): string => `${role} hosts of ${site}-${zone}`;
