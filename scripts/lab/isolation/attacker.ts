import { type Place, placeOf } from "../../../environments/model/flows/reach.ts";
import type { FlowRow } from "../../../environments/model/flows/table.ts";
import type { Host, Plane, Zone } from "../../../environments/model/topology.ts";
import { type Ground, questionOf } from "./plan.ts";
import type { Probe, Traffic } from "./probes.ts";
import type { Choose } from "./random.ts";

// Somebody who rules a host, what he knows, and what he is after. Pure.

/** What the lab's machine knows, and a plan can't derive. */
export interface Surroundings {
  /** Hardware address of each host's interface, by host and plane. */
  readonly hardware: Readonly<Record<string, Readonly<Record<Plane, string>>>>;
  /** That of the machine's bridge, by the zone's site and name as in `dc1-internet`, and the plane. */
  readonly bridges: Readonly<Record<string, Readonly<Record<Plane, string>>>>;
  /** Every IPv4 address that the machine under the lab has. */
  readonly machine: readonly string[];
}

/** A service that the table opens to somebody. */
export interface Aim extends Traffic {
  readonly row: FlowRow;
  readonly to: Place;
  readonly plane: Plane;
}

export interface Attacker {
  readonly ground: Ground;
  readonly surroundings: Surroundings;
  readonly host: Host;
  readonly zone: Zone;
  /** What the host calls its interfaces. */
  readonly devices: Readonly<Record<Plane, string>>;
  readonly neighbours: readonly Host[];
  /** Every service that the table opens to anybody. */
  readonly aims: readonly Aim[];
  /** Those of other zones that this host may not reach. */
  readonly refused: readonly Aim[];
  readonly choose: Choose;
  /** How often each attack is tried. */
  readonly most: number;
}

/** A probe that has no source port yet: it follows from its means. */
export type Draft = Omit<Probe, "kind" | "from" | "sourcePort">;

export type Drafts = (attacker: Attacker) => Draft[];

export const isFar = (host: Host, { site, zone }: Pick<Place, "site" | "zone">): boolean =>
  host.site !== site || host.zone !== zone;

/** Whether the table permits a host to reach a service by its own address. */
export const isExpected = ({ permitting }: Ground, from: Host, { to, plane, protocol, port }: Aim): boolean =>
  permitting(questionOf({ from, source: from.addresses[plane], to, plane, protocol, port })).length > 0;

export function aimsOf({ table, targets, hosts }: Ground): Aim[] {
  const names = new Set(hosts.map(({ name }) => name));
  return table.flatMap((row) => {
    const { to, plane, protocol, ports } = row;
    if ((protocol !== "tcp" && protocol !== "udp") || !to.hosts.some((name) => names.has(name))) return [];
    const places = targets[plane].filter(({ address }) => to.cidrs.includes(`${address}/32`));
    return places.flatMap((place) => ports.map((port) => ({ row, to: place, plane, protocol, port })));
  });
}

export function placeIn({ topology }: Ground, word: string, plane: Plane): Place {
  const place = placeOf(topology, word, plane);
  if (!place) throw new Error(`${word}: nobody on ${plane}`);
  return place;
}
