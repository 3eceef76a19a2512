import { hostDevices } from "../../../components/network/devices.render.ts";
import { type Attacker, aimsOf, type Draft, type Drafts, isExpected, isFar, type Surroundings } from "./attacker.ts";
import { detours } from "./detours.ts";
import { forgeries } from "./forgeries.ts";
import { type Ground, zonesOf } from "./plan.ts";
import { type Attack, type Probe, probePorts } from "./probes.ts";
import type { Choose } from "./random.ts";
import { wires } from "./wires.ts";

/** Each attack that one host makes alone; what a failing gateway lets pass is the runner's. Pure. */
const drafts: Readonly<Record<Exclude<Attack, "failover">, Drafts>> = { ...forgeries, ...detours, ...wires };

export interface AttackSize {
  /** Hosts of each zone that attack. */
  readonly attackers: number;
  /** How often each of them tries each attack, about. */
  readonly most: number;
}

/** Every attack, from some hosts of each zone. Gateways are no attackers here: they are the ones who enforce the table. */
export function attackProbes(ground: Ground, surroundings: Surroundings, choose: Choose, size: AttackSize): Probe[] {
  const aims = aimsOf(ground);
  const sourcePort = sourcePorts();
  return zonesOf(ground.topology).flatMap((zone) => {
    const own = ground.hosts.filter((host) => !isFar(host, { site: zone.site, zone: zone.name }));
    const suspects = own.filter(({ role }) => role !== "gateway");
    return choose(suspects, size.attackers).flatMap((host) => {
      const devices = hostDevices(ground.topology, zone);
      const neighbours = own.filter((one) => one !== host);
      const refused = aims.filter((aim) => isFar(host, aim.to) && !isExpected(ground, host, aim));
      const attacker = { ground, surroundings, host, zone, devices, neighbours, aims, refused, choose, most: size.most };
      return attacksBy(attacker, (draft) => sourcePort(host.name, draft));
    });
  });
}

/**
 * Source ports tell a sender and its means: no other sender has the same one, because two may forge the same address. What needs no means leaves by
 * the first port, by the sender's own address.
 */
function sourcePorts(): (host: string, draft: Draft) => number {
  const known = new Map<string, number>();
  return (host, { source, means }) => {
    if (source !== undefined && !means) return probePorts.first;
    // Over IPv6 a sender has no address of the plan: all of it has one port.
    const key = [host, source === undefined ? "ipv6" : JSON.stringify(means)].join(" ");
    const port = known.get(key) ?? probePorts.first + 1 + known.size;
    if (port > probePorts.last)
      throw new Error(`more than ${known.size} means of attack: a wider range of source ports is needed`);
    known.set(key, port);
    return port;
  };
}

function attacksBy(attacker: Attacker, sourcePort: (draft: Draft) => number): Probe[] {
  return Object.entries(drafts).flatMap(([kind, draft]) =>
    draft(attacker).map((one): Probe => ({ ...one, sourcePort: sourcePort(one), kind: kind as Attack, from: attacker.host })),
  );
}
