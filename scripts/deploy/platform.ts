import { loadEnvironment, platforms } from "../../environments/model/load.ts";
import { type StackPlan, stacksOf } from "../../environments/model/stack-names.ts";
import type { Topology } from "../../environments/model/topology.ts";
import { topologyOf } from "../../environments/model/topology-of.ts";
import { UserError } from "../console/errors.ts";
import { type Lab, requireLab } from "../lab/instance.ts";
import { nearest } from "./nearest.ts";

/** A platform as the commands see it. */
export interface Platform {
  readonly name: string;
  readonly topology: Topology;
  /** In deployment order. */
  readonly stacks: readonly StackPlan[];
}

/** Reads a platform's environment file; a name without one is refused with those that there are. */
export function readPlatform(name: string, slot?: number): Platform {
  const known = platforms();
  if (!known.includes(name))
    throw new UserError(
      `--platform ${JSON.stringify(name)}: there is no such platform${nearest(name, known)}; allowed are ${known.join(", ")}`,
    );
  const topology = topologyOf(loadEnvironment(name, slot === undefined ? {} : { slot }));
  return { name, topology, stacks: stacksOf(topology) };
}

export interface PlatformInPlace extends Platform {
  readonly lab: Lab | undefined;
}

/** A platform with the addresses that it has: a lab must be up as far as its directory, and its addresses are moved to its slot. */
export function platformInPlace(name: string): PlatformInPlace {
  const plain = readPlatform(name);
  const lab = plain.topology.machines === "lab" ? requireLab() : undefined;
  return { ...(lab ? readPlatform(name, lab.slot) : plain), lab };
}

/** The stacks that the user named, in deployment order; all of them when none is named. */
export function chosenStacks(platform: Platform, names: readonly string[]): readonly StackPlan[] {
  if (names.length === 0) return platform.stacks;
  const known = platform.stacks.map((stack) => stack.name);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    const lines = unknown.map(
      (name) => `--stack ${JSON.stringify(name)}: platform ${platform.name} has no such stack${nearest(name, known)}`,
    );
    throw new UserError(`${lines.join("\n")}\nallowed are ${known.join(", ")}`);
  }
  return platform.stacks.filter((stack) => names.includes(stack.name));
}
