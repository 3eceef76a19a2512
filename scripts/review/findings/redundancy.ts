import type { Host, HostRole, Topology } from "../../../environments/model/topology.ts";
import type { Finder, Finding } from "./finding.ts";

const quorums: readonly HostRole[] = ["control-plane", "database"];
const pairs: readonly HostRole[] = ["gateway", "balancer"];

const hostsOf = ({ sites }: Topology): Map<string, Host> =>
  new Map(sites.flatMap(({ zones }) => zones.flatMap(({ hosts }) => hosts)).map((host) => [host.name, host]));

/** Hosts that go, that are out of service, or that share a rack. */
export const redundancyFindings: Finder = (before, after) => {
  const [old, current] = [hostsOf(before), hostsOf(after)];
  return [
    ...[...old.values()].filter(({ name }) => !current.has(name)).map(gone),
    ...[...current.values()].filter(({ name, inService }) => !inService && old.get(name)?.inService).map(outOfService),
    ...[...current.values()].flatMap((host) => rackFindings(host, old.get(host.name), [...current.values()])),
  ];
};

const isRedundant = ({ role }: Host): boolean => quorums.includes(role) || pairs.includes(role);

const gone = (host: Host): Finding => ({
  weight: isRedundant(host) || host.role === "nas" || host.role === "registry" ? "dangerous" : "care",
  subject: host.name,
  what: `this ${host.role} host is no longer declared: what it holds is given up, and its group has one member less`,
  todo:
    host.role === "worker"
      ? "see that the zone's other workers have room for its pods"
      : "if it only gets another name, take its old name back; if it is to go, replace it first and see the new member in step",
});

const outOfService = (host: Host): Finding => ({
  weight: isRedundant(host) ? "dangerous" : "care",
  subject: host.name,
  what: `this ${host.role} host is taken out of service: until it is back, ${isRedundant(host) ? "the next failure of its group is an outage" : "its work is the others'"}`,
  todo: "replace the machine, then put it back into service",
});

function rackFindings(host: Host, old: Host | undefined, all: readonly Host[]): Finding[] {
  if (!isRedundant(host) || old?.rack === host.rack) return [];
  const near = all.filter(
    ({ name, site, zone, role, rack }) =>
      name !== host.name && site === host.site && zone === host.zone && role === host.role && rack === host.rack,
  );
  if (near.length > 0)
    return [
      {
        weight: "dangerous",
        subject: host.name,
        what: `in rack ${host.rack} with ${near.map(({ name }) => name).join(", ")}: one rack's power takes both of this ${host.role} group`,
        todo: "place it in a rack of its own",
      },
    ];
  if (!old) return [];
  return [
    {
      weight: "care",
      subject: host.name,
      what: `moves from rack ${old.rack} to ${host.rack}: while it is carried, its ${host.role} group has one member less`,
      todo: "move one host at a time, and see it back in step before the next",
    },
  ];
}
