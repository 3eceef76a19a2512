import * as pulumi from "@pulumi/pulumi";
import { BalancedService } from "../components/balancer/balanced-service.ts";
import type { Host } from "../components/host/host.ts";
import { DistributionRegistry } from "../components/registry/distribution-registry.ts";
import { HarborPolicies } from "../components/registry/harbor/harbor-policies.ts";
import { HarborRegistry } from "../components/registry/harbor/harbor-registry.ts";
import { RegistryReplication } from "../components/registry/registry-replication.ts";
import type { Credentials } from "../components/trust/credentials.ts";
import { platformOf } from "../environments/model/flows/party.ts";
import { fills } from "../environments/model/registry.ts";
import type { Flavors, HostRole, Site, Topology, Zone } from "../environments/model/topology.ts";
import { credentialsOf } from "./credentials.ts";
import { declareHosts, type StackHosts } from "./hosts.ts";
import { imageOf } from "./images.ts";
import { placesOf, vipOf } from "./places.ts";
import { declareWorkers } from "./workers.ts";

/** The balancers are the core's: here they take the registry's VIP up. */
const roles: readonly HostRole[] = ["balancer", "registry", "worker"];

/** What stands on the core: registry, the platform zone's nodes. Its output `role` is the one that the site has taken up. */
export async function services(topology: Topology, site: Site): Promise<Record<string, unknown>> {
  const zone = platformOf(site);
  const { hosts, identity } = await declareHosts(topology, { site }, placesOf(zone, roles));
  const registry = await declareRegistry(topology, site, zone, hosts);
  const nodes = await declareWorkers(topology, site, zone, hosts);
  const names = topology.trust.authorities.map(({ name }) => name);
  // Recorded only when all that runs here trusts them: the next step of a rotation asks for it.
  return { identity, nodes, role: site.role, authorities: pulumi.all([registry, nodes]).apply(() => names) };
}

/** Known when it serves. */
async function declareRegistry(
  topology: Topology,
  site: Site,
  zone: Zone,
  hosts: StackHosts["hosts"],
): Promise<pulumi.Output<undefined>> {
  const withRole = (role: HostRole) => [...hosts.values()].filter(({ place }) => place.role === role);
  const [host] = withRole("registry");
  if (!host) return pulumi.output(undefined);
  const credentials = await credentialsOf(topology);
  const registry = flavored[topology.flavors.registry]({ topology, site, host, credentials });
  const vip = new BalancedService(
    `registry-vip-${site.name}`,
    {
      ...registry.service,
      pair: { hosts: withRole("balancer"), zone, timings: topology.timings, containers: [] },
      vip: vipOf(zone, "registry"),
    },
    { dependsOn: registry },
  );
  if (topology.flavors.registry === "harbor")
    new HarborPolicies(`registry-policies-${site.name}`, { topology, site, credentials }, { dependsOn: vip });
  return vip.serving;
}

interface Place {
  readonly topology: Topology;
  readonly site: Site;
  readonly host: Host;
  readonly credentials: Credentials;
}

/** The product of the registry, by its flavor. */
const flavored: Readonly<Record<Flavors["registry"], (place: Place) => DistributionRegistry | HarborRegistry>> = {
  distribution: (place) => {
    const { topology, site, host, credentials } = place;
    const images = { registry: imageOf(topology, "registry"), haproxy: imageOf(topology, "haproxy") };
    const registry = new DistributionRegistry(`registry-${site.name}`, { ...place, images });
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
    return registry;
  },
  harbor: ({ topology, site, host, credentials }) =>
    new HarborRegistry(`registry-${site.name}`, { site, host, credentials, image: (name) => imageOf(topology, name) }),
};
