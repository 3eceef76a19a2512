import {
  addressNumber,
  addressText,
  hostNumber,
  hostOffsets,
  isHostAddress,
  operatorOffset,
  parseNetwork,
  vipPlan,
  workerRoom,
} from "../addresses.ts";
import type { Problem } from "../errors.ts";
import {
  gatewayAddress,
  hostAddress,
  hostPlaces,
  type Path,
  siteNumber,
  vipPlaces,
  type ZonePlace,
  zonePlaces,
} from "../placements.ts";
import type { Environment } from "../schema.ts";
import { type Plane, planes, platformZone } from "../topology.ts";

interface Use {
  readonly what: string;
  readonly plane: Plane;
  readonly address: string | undefined;
  readonly path: Path;
  /** Set where the file says the address; else it is the plan's. */
  readonly given: boolean;
}

/** What has an address in a zone: hosts, VIPs, the gateway, in a lab the operator. */
function uses(environment: Environment, place: ZonePlace): Use[] {
  const vips = vipPlaces(place, siteNumber(environment, place.site));
  const held = new Set(vips.map(({ plane, name }) => (name.startsWith("gateway-") ? plane : "")));
  return [
    ...vips.map(({ name, plane, address, path }) => {
      const given = place.entry.vips?.[name]?.address !== undefined;
      return { what: `VIP ${name}`, plane, address, path: given ? [...path, "address"] : place.path, given };
    }),
    ...planes
      .filter((plane) => !held.has(plane))
      .map((plane) => ({ what: "gateway", plane, address: gatewayAddress(place, plane), path: place.path, given: false })),
    ...(environment.machines === "lab" ? [operator(place)] : []),
    ...externalNas(environment, place),
    ...hostPlaces(place).flatMap((host) =>
      planes.map((plane) => {
        const given = host.overrides[plane] !== undefined;
        const path = given ? [...host.path, "addresses", plane] : host.path;
        return { what: host.shortName, plane, address: hostAddress(host, plane), path, given };
      }),
    ),
  ];
}

function externalNas(environment: Environment, { site, zone }: ZonePlace): Use[] {
  const address = environment.externalNas?.addresses[site];
  if (zone !== platformZone || address === undefined) return [];
  return [{ what: "the NAS", plane: "storage", address, path: ["externalNas", "addresses", site], given: true }];
}

function operator(place: ZonePlace): Use {
  const network = parseNetwork(place.entry.planes.management.cidr);
  const address = network && addressText(network.first + operatorOffset);
  return { what: "the lab's machine", plane: "management", address, path: place.path, given: false };
}

/** Addresses that the file gives are plain, and lie in the network of their plane, neither first nor last. */
export function addressProblems(environment: Environment): Problem[] {
  return [
    ...(["dns", "time"] as const).flatMap((section) =>
      environment[section].servers.flatMap((text, index) =>
        addressNumber(text) === undefined ? [malformed(text, [section, "servers", index])] : [],
      ),
    ),
    ...zonePlaces(environment).flatMap((place) =>
      uses(environment, place).flatMap(({ plane, address, path, given }) => {
        if (!given || address === undefined) return [];
        const number = addressNumber(address);
        if (number === undefined) return [malformed(address, path)];
        const network = parseNetwork(place.entry.planes[plane].cidr);
        if (!network || isHostAddress(network, number)) return [];
        const allowed = `${addressText(network.first + 1)} to ${addressText(network.last - 1)}`;
        return [
          {
            path,
            what: `outside the ${plane} plane ${network.cidr} of ${place.site} ${place.zone}`,
            given: address,
            allowed,
            fix: "give a free address of that network",
          },
        ];
      }),
    ),
  ];
}

function malformed(text: string, path: Path): Problem {
  return {
    path,
    what: "not an IPv4 address",
    given: text,
    allowed: "four numbers from 0 to 255 without leading zeros",
    fix: "write it as in 10.20.0.5",
  };
}

/** An address belongs to one: no host, VIP, gateway or operator has another's. */
export function duplicateAddressProblems(environment: Environment): Problem[] {
  const owners = new Map<string, { readonly what: string; readonly given: boolean; readonly place: string }>();
  return zonePlaces(environment).flatMap((place) => {
    const here = `${place.site} ${place.zone}`;
    return uses(environment, place)
      .sort((a, b) => Number(a.given) - Number(b.given))
      .flatMap(({ what, plane, address, path, given }) => {
        if (address === undefined) return [];
        const owner = owners.get(address);
        if (owner === undefined) {
          owners.set(address, { what: `${what} of ${here}`, given, place: here });
          return [];
        }
        // Two planned addresses of different zones are equal only where their networks overlap, which is said already.
        if (!given && !owner.given && owner.place !== here) return [];
        const fix = given ? "give a free address, or leave it to the plan" : "move one of them";
        return [
          {
            path,
            what: `the ${plane} address of ${what} is that of ${owner.what} already`,
            given: address,
            allowed: "an address of its own",
            fix,
          },
        ];
      });
  });
}

/** The address plan has a place for every host and VIP. */
export function addressRoomProblems(environment: Environment): Problem[] {
  return zonePlaces(environment).flatMap((place) => {
    const hosts = hostPlaces(place).flatMap((host): Problem[] => {
      const { count } = hostOffsets[host.role];
      const number = hostNumber(host.shortName);
      if (number > count) {
        const allowed = `numbers 1 to ${count} for the role ${host.role}`;
        return [
          {
            path: host.path,
            what: "the address plan has no place for it",
            given: host.shortName,
            allowed,
            fix: "give it a free number",
          },
        ];
      }
      const full = planes.find((plane) => parseNetwork(place.entry.planes[plane].cidr) && hostAddress(host, plane) === undefined);
      if (full === undefined) return [];
      const { cidr } = place.entry.planes[full];
      const network = parseNetwork(cidr);
      const allowed =
        host.role === "worker" && network && workerRoom(network) > 0
          ? `workers 1 to ${workerRoom(network)}`
          : "a network of /27 or larger";
      return [
        {
          path: host.path,
          what: `the ${full} plane ${cidr} has no room for it`,
          given: host.shortName,
          allowed,
          fix: "enlarge the network, or give addresses",
        },
      ];
    });
    const vips = vipPlaces(place, siteNumber(environment, place.site)).flatMap(({ name, plane, address }): Problem[] => {
      const { cidr } = place.entry.planes[plane];
      if (address !== undefined || !parseNetwork(cidr)) return [];
      return [
        {
          path: [...place.path, "planes", plane, "cidr"],
          what: `no room for VIP ${name}, number ${vipPlan[name].offset} of the network`,
          given: cidr,
          allowed: "a larger network",
          fix: `enlarge it, or give vips.${name}.address`,
        },
      ];
    });
    return [...hosts, ...vips];
  });
}
