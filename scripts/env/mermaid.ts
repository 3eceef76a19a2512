import { planes, type Site, type Topology, type Zone } from "../../environments/model/topology.ts";

/** The platform as a Mermaid flowchart, for pages that draw one. Names were checked by the model: none needs quoting beyond quotes. */
export function renderMermaid(topology: Topology): string {
  const sites = [...topology.sites].sort((a, b) => a.name.localeCompare(b.name));
  const [first, second] = sites;
  return [
    "flowchart TB",
    ...sites.flatMap(siteLines),
    ...(first && second ? [`  ${first.name}_core <== "inter-site link ${first.interSite.cidr}" ==> ${second.name}_core`] : []),
    "",
  ].join("\n");
}

function siteLines(site: Site): string[] {
  return [
    `  subgraph ${site.name}["${site.name} (${site.role})"]`,
    `    ${site.name}_core{{"core ${site.core.cidr}"}}`,
    ...site.zones.flatMap((zone) => zoneLines(zone)),
    "  end",
  ];
}

function zoneLines(zone: Zone): string[] {
  const id = `${zone.site}_${zone.name}`;
  const roles = new Map<string, string[]>();
  for (const { role, shortName } of zone.hosts) roles.set(role, [...(roles.get(role) ?? []), shortName]);
  const networks = planes.map((plane) => `${plane} ${zone.planes[plane].cidr}`).join("<br/>");
  return [
    `    subgraph ${id}["${zone.name}"]`,
    `      ${id}_networks["${networks}"]`,
    ...[...roles].map(([role, names]) => `      ${id}_${role.replace("-", "_")}["${role}<br/>${names.join(" ")}"]`),
    "    end",
    `    ${id} --- ${zone.site}_core`,
  ];
}
