import { planes } from "../../../environments/model/topology.ts";
import { type Aim, type Attacker, type Draft, type Drafts, isExpected, isFar, placeIn } from "./attacker.ts";
import { zonesOf } from "./plan.ts";
import type { Attack, Route, Traffic } from "./probes.ts";

// Packets on ways that the host's own routes do not know. Pure.

export const detours = {
  "foreign-gateway": (attacker) =>
    routed(attacker, ({ to, plane }) => {
      const zone = zonesOf(attacker.ground.topology).find(({ site, name }) => site === to.site && name === to.zone);
      return zone ? [{ device: attacker.devices[plane], via: zone.planes[plane].gateway }] : [];
    }),
  "through-neighbour": (attacker) =>
    routed(attacker, ({ plane }) => {
      const { choose, neighbours, devices } = attacker;
      return choose(neighbours, 1).map(({ addresses }) => ({ device: devices[plane], via: addresses[plane] }));
    }),
  "through-machine": (attacker) =>
    routed(attacker, ({ plane }) => {
      const { surroundings, devices, zone } = attacker;
      const hardware = surroundings.bridges[`${zone.site}-${zone.name}`]?.[plane];
      return hardware === undefined ? [] : [{ device: devices[plane], hardware }];
    }),
  "other-plane": otherPlanes,
  "management-leg": managementLegs,
} satisfies Partial<Record<Attack, Drafts>>;

/** To what this host may not reach anyway. */
function routed({ choose, refused, most, host }: Attacker, ways: (aim: Aim) => readonly Route[]): Draft[] {
  return choose(refused, most).flatMap((aim) => {
    const { to, plane, protocol, port } = aim;
    return ways(aim).map(
      (route): Draft => ({
        ...{ to, plane, protocol, port, expected: "stops" },
        source: host.addresses[plane],
        means: { route },
      }),
    );
  });
}

/** Also what the table permits on the right plane. */
function otherPlanes({ zone, devices, host, choose, aims, most }: Attacker): Draft[] {
  const far = aims.filter(({ to }) => isFar(host, to));
  return choose(far, most).flatMap(({ to, plane, protocol, port }) => {
    const wrong = planes.filter((one) => one !== plane);
    return choose(wrong, 1).flatMap((other) => {
      const route = { device: devices[other], via: zone.planes[other].gateway };
      // With the address of the target's plane, and with that of the way.
      return [plane, other].map(
        (of): Draft => ({ ...{ to, plane, protocol, port, expected: "stops" }, source: host.addresses[of], means: { route } }),
      );
    });
  });
}

/** The weak host model: a host takes what is for any of its addresses by any of its interfaces, unless its rules say otherwise. */
function managementLegs({ ground, host, neighbours, devices, aims, choose, most }: Attacker): Draft[] {
  return choose(neighbours, most).flatMap(({ name, addresses }) =>
    planes
      .filter((plane) => plane !== "management")
      .flatMap((plane) => {
        const to = placeIn(ground, name, plane);
        // What the table permits on the right way shows best whether the wrong one is closed.
        const open = aims.filter((aim) => aim.to.address === to.address && aim.plane === plane && isExpected(ground, host, aim));
        const [{ protocol, port } = ssh] = choose<Traffic>(open, 1);
        const route = { device: devices.management, via: addresses.management };
        return [plane, "management" as const].map(
          (of): Draft => ({ ...{ to, plane, protocol, port, expected: "stops" }, source: host.addresses[of], means: { route } }),
        );
      }),
  );
}

const ssh: Traffic = { protocol: "tcp", port: 22 };
