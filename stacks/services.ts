import { BalancedService } from "../components/balancer/balanced-service.ts";
import { DistributionRegistry } from "../components/registry/distribution-registry.ts";
import { RegistryReplication } from "../components/registry/registry-replication.ts";
import { platformOf } from "../environments/model/flows/party.ts";
import { fills } from "../environments/model/registry.ts";
import type { HostRole, Site, Topology, Zone } from "../environments/model/topology.ts";
import { credentialsOf } from "./credentials.ts";
import { declareHosts, type StackHosts } from "./hosts.ts";
import { imageOf } from "./images.ts";
import { placesOf, vipOf } from "./places.ts";
import { declareWorkers } from "./workers.ts";

/** The balancers are the core's: here they take the registry's VIP up. */
const roles: readonly HostRole[] = ["balancer", "registry", "worker"];

/** What stands on the core: registry, the platform zone's nodes. */
export async function services(topology: Topology, site: Site): Promise<Record<string, unknown>> {
  const zone = platformOf(site);
  const { hosts, identity } = await declareHosts(topology, { site }, placesOf(zone, roles));
  await declareRegistry(topology, site, zone, hosts);
  const nodes = await declareWorkers(topology, site, zone, hosts);
  return { identity, nodes };
}

async function declareRegistry(topology: Topology, site: Site, zone: Zone, hosts: StackHosts["hosts"]): Promise<void> {
  const withRole = (role: HostRole) => [...hosts.values()].filter(({ place }) => place.role === role);
  const [host] = withRole("registry");
  if (!host || topology.flavors.registry !== "distribution") return;
  const credentials = await credentialsOf(topology);
  const images = { registry: imageOf(topology, "registry"), haproxy: imageOf(topology, "haproxy") };
  const registry = new DistributionRegistry(`registry-${site.name}`, { topology, site, host, credentials, images });
  new BalancedService(
    `registry-vip-${site.name}`,
    {
      ...registry.service,
      pair: { hosts: withRole("balancer"), zone, timings: topology.timings, containers: [] },
      vip: vipOf(zone, "registry"),
    },
    { dependsOn: registry },
  );
  const other = topology.sites.find(({ name }) => name !== site.name);
  if (other && fills(site))
    new RegistryReplication(
      `registry-replication-${site.name}`,
      {
        ...{ host, data: registry.data, credentials, image: images.registry },
        ...{ to: vipOf(platformOf(other), "registry"), everyMinutes: topology.registry.replication.everyMinutes },
      },
      { dependsOn: registry },
    );
}
