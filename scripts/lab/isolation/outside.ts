import { addressText, parseNetwork } from "../../../environments/model/addresses.ts";
import { everywhere, type Party } from "../../../environments/model/flows/party.ts";
import type { Place } from "../../../environments/model/flows/reach.ts";
import { type Plane, planes, type Site, type Topology } from "../../../environments/model/topology.ts";
import type { Ground } from "./plan.ts";
import type { Outsider } from "./probes.ts";

// The networks outside, played for the time of a proof: behind the company's own router of each site, one address of each network. Pure.

/** For everybody there is: an address for documents (RFC 5737), which nobody has. */
const anybody = "192.0.2.1";

const addressIn = (cidr: string): string => {
  const network = parseNetwork(cidr);
  if (cidr === everywhere || !network) return anybody;
  return addressText(Math.min(network.first + 1, network.last));
};

/** Who plays them on a site. */
export const outsiderOf = ({ networks }: Topology, { name }: Site): Outsider => ({
  ...{ name: `${name}-outside`, site: name, zone: "outside", role: "outside" },
  addresses: Object.fromEntries(Object.entries(networks).flatMap(([word, [cidr]]) => (cidr ? [[word, addressIn(cidr)]] : []))),
});

/** The same ground with the networks outside, which send and are sent to. */
export function withOutside(ground: Ground): Ground {
  const { topology, hosts } = ground;
  const sites = new Set(hosts.map(({ site }) => site));
  const outsiders = topology.sites.filter(({ name }) => sites.has(name)).map((site) => outsiderOf(topology, site));
  const [one] = outsiders;
  // Each site's router has the way to all of them: whoever is asked is near.
  const names = outsiders.map(({ name }) => name);
  const places = Object.entries(one?.addresses ?? {}).map(([label, address]): Place => ({ label, address, hosts: names }));
  const inPlane = (plane: Plane): readonly Place[] => [...ground.targets[plane], ...places];
  const targets = { business: inPlane("business"), management: inPlane("management"), storage: inPlane("storage") };
  return { ...ground, outsiders, targets };
}

/** Whether a row means a place. */
export const isOf = ({ site, label, cidrs }: Party, place: Place): boolean =>
  place.site === undefined ? site === undefined && label === place.label : cidrs.includes(`${place.address}/32`);

/** What `ip -batch` makes of an interface: the company's router, who knows the way to the zones' gateways, and the networks behind it. */
export function renderOutside(site: Site, { addresses }: Outsider, device: string): string {
  const length = parseNetwork(site.core.cidr)?.prefixLength;
  return [
    "link set lo up",
    `address add ${site.core.upstream}/${length} dev ${device}`,
    `link set ${device} up`,
    ...[...new Set(Object.values(addresses))].map((address) => `address add ${address}/32 dev lo`),
    ...site.zones.flatMap(({ core, planes: own, pods }) =>
      [...planes.map((plane) => own[plane].cidr), pods.cidr].map((cidr) => `route add ${cidr} via ${core.address} dev ${device}`),
    ),
    "",
  ].join("\n");
}
