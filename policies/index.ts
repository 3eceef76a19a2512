import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { PolicyPack } from "@pulumi/policy";
import { loadEnvironment } from "../environments/model/load.ts";
import type { Topology } from "../environments/model/topology.ts";
import { topologyOf } from "../environments/model/topology-of.ts";
import { policiesOf } from "./pack.ts";
import { rules } from "./rules/index.ts";

// What the engine starts for a preview or an `up` of a stack, or our own commands for all of theirs.
new PolicyPack("tandem", {
  policies: policiesOf(rules, () => ({ topologyOf: readTopology, today: new Date().toISOString().slice(0, 10) })),
});

/** A lab's addresses are those of its place among the labs of its machine. */
function readTopology(platform: string): Topology {
  const file = join(process.env["TANDEM_LAB"] ?? "", "lab.json");
  const slot =
    platform === "lab" && existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as { slot: number }).slot : undefined;
  return topologyOf(loadEnvironment(platform, slot === undefined ? {} : { slot }));
}
