import { type Network, nodePods, nodePodsPrefix, nodePodsRoom, parseNetwork, zoneDnsAddress } from "../addresses.ts";
import type { Problem } from "../errors.ts";
import { hostPlaces, type ZonePlace, zonePlaces } from "../placements.ts";
import type { Environment } from "../schema.ts";

interface ZonePods {
  readonly place: ZonePlace;
  readonly network: Network;
}

const pathOf = ({ path }: ZonePlace) => [...path, "pods"];

/** Those that can be read; the others are left to their own rule. */
const zonePods = (environment: Environment): ZonePods[] =>
  zonePlaces(environment).flatMap((place) => {
    const network = parseNetwork(place.entry.pods);
    return network && network.cidr === place.entry.pods ? [{ place, network }] : [];
  });

const within = (outer: Network, inner: Network): boolean => outer.first <= inner.first && inner.last <= outer.last;

/** Each zone's pods lie among all pods and are nobody else's: rules, routes and policies tell zones apart by them. */
export function podRangeProblems(environment: Environment): Problem[] {
  const { podCidr } = environment.kubernetes;
  const all = parseNetwork(podCidr);
  const earlier: ZonePods[] = [];
  return zonePods(environment).flatMap((one): Problem[] => {
    const { place, network } = one;
    const path = pathOf(place);
    const given = network.cidr;
    const other = earlier.find((each) => within(each.network, network) || within(network, each.network));
    earlier.push(one);
    if (all && !within(all, network))
      return [
        {
          path,
          what: "outside of all pods",
          given,
          allowed: `a part of ${podCidr}`,
          fix: "choose one, or enlarge kubernetes.podCidr",
        },
      ];
    if (!other) return [];
    const what = `shares addresses with the pods of ${other.place.site} ${other.place.zone}, ${other.network.cidr}`;
    return [{ path, what, given, allowed: "a range of its own", fix: `choose a free part of ${podCidr}` }];
  });
}

/** Each worker has a part of its zone's pods, by its number. */
export function podRoomProblems(environment: Environment): Problem[] {
  return zonePods(environment).flatMap(({ place, network }) => {
    const room = nodePodsRoom(network);
    const [allowed, fix] =
      room === 0
        ? [`a range of /${nodePodsPrefix} or larger`, "give the zone a larger range of pods"]
        : [`workers 1 to ${room}`, "give it a free number, or the zone a larger range of pods"];
    return hostPlaces(place)
      .filter(({ role, shortName }) => role === "worker" && nodePods(network, shortName) === undefined)
      .map(({ path, shortName }): Problem => {
        const what = `the zone's pods ${network.cidr} have no room for it`;
        return { path, what, given: shortName, allowed, fix };
      });
  });
}

/** The range of services holds every zone's name service. */
export function nameServiceProblems(environment: Environment): Problem[] {
  const { podCidr, serviceCidr } = environment.kubernetes;
  const [all, services] = [parseNetwork(podCidr), parseNetwork(serviceCidr)];
  if (!all || !services) return [];
  const homeless = zonePods(environment).find(
    ({ network }) => within(all, network) && zoneDnsAddress(all, network, services) === undefined,
  );
  if (!homeless) return [];
  const { site, zone } = homeless.place;
  return [
    {
      path: ["kubernetes", "serviceCidr"],
      what: `no room for the name service of ${site} ${zone}: its place is that of the zone's pods among all pods`,
      given: serviceCidr,
      allowed: "a range with a service for each /24 of kubernetes.podCidr, as of the same prefix length",
      fix: "enlarge it",
    },
  ];
}
