import { addressNumber, addressText, lastUplinkOffset, parseNetwork, uplinkAddresses, upstreamAddress } from "../addresses.ts";
import type { Problem } from "../errors.ts";
import { zonePlaces } from "../placements.ts";
import type { Environment } from "../schema.ts";

/** Each zone's three addresses lie in its site's core network, away from the company's router and from each other. */
export function uplinkProblems(environment: Environment): Problem[] {
  const owners = new Map<string, string>();
  return zonePlaces(environment).flatMap((place): Problem[] => {
    const { core } = place.entry;
    const path = [...place.path, "core"];
    const { cidr } = place.siteEntry.core;
    const [first, network] = [addressNumber(core), parseNetwork(cidr)];
    if (!network) return [];
    const last = Math.min(network.first + lastUplinkOffset, network.last - uplinkAddresses);
    const allowed = `${addressText(network.first + 2)} to ${addressText(last)}`;
    if (first === undefined || first < network.first + 2 || first > last) {
      const what = `no place for three addresses in the core network ${cidr}, whose first is ${upstreamAddress(cidr)}, the company's router`;
      return [{ path, what, given: core, allowed, fix: "choose an address of the core network with two free ones behind it" }];
    }
    const taken = Array.from({ length: uplinkAddresses }, (_, index) => addressText(first + index));
    const other = taken.map((address) => owners.get(`${place.site} ${address}`)).find((owner) => owner !== undefined);
    for (const address of taken) owners.set(`${place.site} ${address}`, place.zone);
    if (other === undefined) return [];
    const what = `an address of the three is one of zone ${other} already`;
    return [{ path, what, given: taken.join(", "), allowed: "three addresses of its own", fix: "choose three free ones" }];
  });
}
