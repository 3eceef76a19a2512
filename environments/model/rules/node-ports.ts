import { type Problem, shown } from "../errors.ts";
import { nodePorts } from "../ports.ts";
import type { Environment } from "../schema.ts";
import { platformZone } from "../topology.ts";

/** Others come to a zone's applications by ports of its nodes: of the range that the API server gives, and one zone's alone, because a cluster has each once. */
export function nodePortProblems({ flows, zones }: Environment): Problem[] {
  const owners = new Map<number, { readonly flow: string; readonly zone: string }>();
  const into = Object.entries(flows).filter(
    ([, { from, to, plane }]) => plane === "business" && from !== to && (to === platformZone || to in zones),
  );
  return into.flatMap(([name, { to, ports }]) =>
    ports.flatMap((port, index): Problem[] => {
      const path = ["flows", name, "ports", index];
      if (port < nodePorts.first || port > nodePorts.last) {
        const what = `no port by which the nodes of zone ${to} can hand on what is for its pods`;
        const fix = "take one of these; whoever stands in front of the platform may show his clients another";
        return [{ path, what, given: shown(port), allowed: `${nodePorts.first} to ${nodePorts.last}`, fix }];
      }
      const owner = owners.get(port) ?? { flow: name, zone: to };
      owners.set(port, owner);
      if (owner.zone === to) return [];
      const what = `flow ${owner.flow} takes this port for zone ${owner.zone}, and a port of nodes is one zone's on a site`;
      return [{ path, what, given: shown(port), allowed: `a port of its own for zone ${to}`, fix: "take another port" }];
    }),
  );
}
