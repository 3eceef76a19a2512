import { hostDevices } from "../../../components/network/devices.render.ts";
import type { Zone } from "../../../environments/model/topology.ts";
import { type Ground, gatewaysOf, someFlowProbes } from "./plan.ts";
import type { Means, Probe } from "./probes.ts";
import type { Choose } from "./random.ts";
import type { SourcePort } from "./source-ports.ts";

const most = { stops: 40, passes: 8 } as const;

/**
 * What is tried all the time while one of a zone's gateways dies and comes back, out of the zone and into it: what may not pass then either, also by
 * each gateway's own address, and what has to pass in the end. Pure.
 */
export function failoverProbes(ground: Ground, zone: Zone, choose: Choose, sourcePort: SourcePort): Probe[] {
  const devices = hostDevices(ground.topology, zone);
  const isHere = (end: { readonly site?: string; readonly zone?: string }): boolean =>
    end.site === zone.site && end.zone === zone.name;
  const crossing = someFlowProbes(ground, choose).filter(
    ({ from, to, protocol }) => protocol !== "icmp" && from.role !== "gateway" && isHere(from) !== isHere(to),
  );
  const byEach = ({ from, plane }: Probe): Means[] =>
    isHere(from) ? gatewaysOf(zone).map(({ addresses }) => ({ route: { device: devices[plane], via: addresses[plane] } })) : [];
  const some = (expected: keyof typeof most): Probe[] =>
    choose(
      crossing.filter((probe) => probe.expected === expected),
      most[expected],
    );
  // Means that do nothing: they have source ports of their own, so what came before the failover is not taken for it.
  const stops = some("stops").flatMap((probe) => [{}, ...byEach(probe)].map((means) => ({ ...probe, means })));
  const passes = some("passes").map((probe) => ({ ...probe, means: {} }));
  return [...stops, ...passes].map(
    (probe): Probe => ({ ...probe, kind: "failover", sourcePort: sourcePort(probe.from.name, probe) }),
  );
}
