import { hostDevices } from "../../../components/network/devices.render.ts";
import { type Attacker, aimsOf, type Drafts, isExpected, isFar, type Surroundings } from "./attacker.ts";
import { detours } from "./detours.ts";
import { forgeries } from "./forgeries.ts";
import { type Ground, zonesOf } from "./plan.ts";
import type { Attack, Probe } from "./probes.ts";
import type { Choose } from "./random.ts";
import type { SourcePort } from "./source-ports.ts";
import { wires } from "./wires.ts";

/** Each attack that one host makes alone; pods make their own, and what a failing gateway lets pass is the runner's. Pure. */
const drafts: Readonly<Record<Exclude<Attack, "failover" | "pod">, Drafts>> = { ...forgeries, ...detours, ...wires };

export interface AttackSize {
  /** Hosts of each zone that attack. */
  readonly attackers: number;
  /** How often each of them tries each attack, about. */
  readonly most: number;
}

/** Every attack, from some hosts of each zone. Gateways are no attackers here: they are the ones who enforce the table. */
export function attackProbes(
  ground: Ground,
  surroundings: Surroundings,
  choose: Choose,
  sourcePort: SourcePort,
  size: AttackSize,
): Probe[] {
  const aims = aimsOf(ground);
  return zonesOf(ground.topology).flatMap((zone) => {
    const own = ground.hosts.filter((host) => !isFar(host, { site: zone.site, zone: zone.name }));
    const suspects = own.filter(({ role }) => role !== "gateway");
    return choose(suspects, size.attackers).flatMap((host) => {
      const devices = hostDevices(ground.topology, zone);
      const neighbours = own.filter((one) => one !== host);
      const refused = aims.filter((aim) => isFar(host, aim.to) && !isExpected(ground, host, aim));
      const attacker = { ground, surroundings, host, zone, devices, neighbours, aims, refused, choose, most: size.most };
      return attacksBy(attacker, sourcePort);
    });
  });
}

function attacksBy(attacker: Attacker, sourcePort: SourcePort): Probe[] {
  const { host } = attacker;
  return Object.entries(drafts).flatMap(([kind, draft]) =>
    draft(attacker).map((one): Probe => ({ ...one, sourcePort: sourcePort(host.name, one), kind: kind as Attack, from: host })),
  );
}
