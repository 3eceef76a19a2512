import * as pulumi from "@pulumi/pulumi";
import { HostPreparation } from "../components/host/host-preparation.ts";
import { HostResolver } from "../components/network/host-resolver.ts";
import { HostRoutes } from "../components/network/host-routes.ts";
import { hostRules, PacketFilter } from "../components/network/packet-filter.ts";
import { ZoneGateway } from "../components/network/zone-gateway.ts";
import { ImageSources } from "../components/registry/image-sources.ts";
import { flowTable, rowsByEnd, rowsByReceiver, rowsByZone } from "../environments/model/flows/table.ts";
import { platformZone, type Site, type Topology, type Zone } from "../environments/model/topology.ts";
import { trustedAuthorities } from "./credentials.ts";
import { declareHosts } from "./hosts.ts";
import { imageOf } from "./images.ts";
import { declareWorkers } from "./workers.ts";

/** A zone of a site: its hosts, prepared, on their three planes, the gateways between it and the others, and a business zone's nodes. */
export async function zone(topology: Topology, site: Site, zone: Zone): Promise<Record<string, unknown>> {
  // Firewalls of the company's own have the zone's addresses; nothing is deployed to them, and their rules are exported.
  const isOurs = topology.flavors.gateway === "software";
  const places = zone.hosts.filter(({ role }) => isOurs || role !== "gateway");
  const { hosts, identity } = await declareHosts(topology, { site, zone }, places);
  const authorities = await trustedAuthorities(topology);
  const table = flowTable(topology);
  const [ends, received] = [rowsByEnd(table), rowsByReceiver(table)];
  const rows = rowsByZone(table).get(`${site.name}-${zone.name}`) ?? [];
  const prepared = [...hosts.values()].map((host) => {
    const { place } = host;
    const preparation = new HostPreparation(`preparation-${place.name}`, { host, topology, zone, authorities });
    const own = ends.get(place.name) ?? [];
    const routes = new HostRoutes(`routes-${place.name}`, { host, topology, site, zone, rows, own }, { dependsOn: preparation });
    const images = new ImageSources(`image-sources-${place.name}`, { host, topology, site }, { dependsOn: preparation });
    const ground: pulumi.Resource[] = [preparation, routes, images];
    if (place.role !== "gateway") {
      const rules = hostRules(topology, zone, place, received.get(place.name) ?? []);
      ground.push(new PacketFilter(`packet-filter-${place.name}`, { host, rules }, { dependsOn: preparation }));
    }
    return { host, preparation, ground };
  });
  const gateways = prepared.filter(({ host }) => host.place.role === "gateway");
  const ground = prepared.flatMap((one) => one.ground);
  if (gateways.length > 0) {
    const pair = new ZoneGateway(
      `gateway-${site.name}-${zone.name}`,
      {
        ...{ topology, site, zone, rows, hosts: gateways.map(({ host }) => host) },
        images: {
          keepalived: imageOf(topology, "keepalived"),
          conntrackd: imageOf(topology, "conntrackd"),
          ulogd: imageOf(topology, "ulogd"),
          coredns: imageOf(topology, "coredns"),
        },
      },
      { dependsOn: gateways.flatMap((one) => one.ground) },
    );
    ground.push(pair);
    // Nobody asks before somebody answers. Behind firewalls of the company's own, names are the company's to give.
    for (const { host } of prepared)
      new HostResolver(`resolver-${host.place.name}`, { host, topology, zone }, { dependsOn: pair });
  }
  // The platform zone's come after the cluster, which stands in the same zone: with the site's services.
  const isPlatforms = zone.name === platformZone;
  const nodes = !isPlatforms && zone.hasNodes && (await declareWorkers(topology, site, zone, hosts, ground));
  const names = topology.trust.authorities.map(({ name }) => name);
  return {
    identity,
    ...(nodes && { nodes }),
    // Recorded only when all hosts and nodes trust them: the next step of a rotation asks for it.
    authorities: pulumi.all([...prepared.map(({ preparation }) => preparation.trusts), nodes]).apply(() => names),
  };
}
