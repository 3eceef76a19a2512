import type { Place } from "../../../environments/model/flows/reach.ts";
import { type Aim, type Attacker, type Draft, type Drafts, isFar, placeIn } from "./attacker.ts";
import { trafficOf } from "./plan.ts";
import type { Attack, Expectation } from "./probes.ts";

// Packets that say that they are somebody else's. Pure.

export const forgeries = {
  neighbour: (attacker) =>
    attacker
      .choose(attacker.neighbours, 2)
      .flatMap(({ name }) => forged(attacker, attacker.aims, ({ plane }) => [placeIn(attacker.ground, name, plane)])),
  stranger: (attacker) =>
    forged(
      attacker,
      attacker.aims.filter(({ row }) => row.from.hosts.length > 0 && isFar(attacker.host, row.from)),
      ({ row, plane }) => attacker.choose(row.from.hosts, 1).map((name) => placeIn(attacker.ground, name, plane)),
    ),
  vip: (attacker) =>
    forged(attacker, attacker.aims, ({ plane }) => {
      const shared = attacker.ground.targets[plane].filter(({ hosts }) => (hosts?.length ?? 0) > 1);
      return attacker.choose(shared, 1);
    }),
  gateway: (attacker) =>
    forged(attacker, attacker.aims, ({ to, plane }) => {
      const { ground, host, choose } = attacker;
      // Of the own zone, and of the target's.
      const gateways = ground.hosts.filter((one) => one.role === "gateway" && (!isFar(one, to) || !isFar(one, host)));
      return choose(gateways, 1).map(({ name }) => placeIn(ground, name, plane));
    }),
  operator: (attacker) =>
    forged(
      attacker,
      attacker.aims.filter(({ row }) => row.from.site !== undefined && row.from.hosts.length === 0),
      ({ row, plane }) => row.from.cidrs.map((cidr) => placeIn(attacker.ground, cidr.replace(/\/32$/, ""), plane)),
    ),
  answer: answers,
} satisfies Partial<Record<Attack, Drafts>>;

/** Somebody else's address as the sender's. */
function forged({ choose, most, host, ground }: Attacker, aims: readonly Aim[], claims: (aim: Aim) => readonly Place[]): Draft[] {
  return choose(aims, most).flatMap((aim) =>
    claims(aim).flatMap((claim): Draft[] => {
      const { to, plane, protocol, port } = aim;
      if (claim.address === host.addresses[plane] || claim.address === to.address || to.hosts?.includes(host.name)) return [];
      const isPermitted = ground.permitting({ from: claim, to, plane, protocol, port }).length > 0;
      const isOneWire = !isFar(host, claim) || !isFar(host, to);
      const expected: Expectation = isPermitted && isOneWire ? "open" : "stops";
      return [{ ...{ to, plane, protocol, port, expected }, source: host.addresses[plane], means: { forged: claim.address } }];
    }),
  );
}

/** Who serves somebody may answer him; he may not begin. */
function answers({ ground, host, choose, most }: Attacker): Draft[] {
  const served = ground.table.filter(
    ({ protocol, to, from }) => protocol === "tcp" && to.hosts.includes(host.name) && from.hosts.length > 0,
  );
  const ports = trafficOf(ground).filter(({ protocol }) => protocol === "tcp");
  const { name: label, site, zone } = host;
  return choose(served, most).flatMap(({ from, plane, ports: own }) => {
    const others = from.hosts.filter((name) => name !== host.name);
    return choose(others, 1).flatMap((name) => {
      const [to, source] = [placeIn(ground, name, plane), host.addresses[plane]];
      const me = { label, address: source, site, zone };
      const refused = ports.filter((traffic) => ground.permitting({ from: me, to, plane, ...traffic }).length === 0);
      return choose(refused, 1).flatMap((traffic): Draft[] =>
        choose(own, 1).map((port) => ({ ...{ source, to, plane, expected: "stops" }, ...traffic, means: { port } })),
      );
    });
  });
}
