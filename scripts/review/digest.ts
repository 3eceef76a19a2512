import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Topology } from "../../environments/model/topology.ts";
import { programFiles } from "./program-files.ts";
import type { Step } from "./steps.ts";

/** Of environments only what reads them: what they say is in the topology, and a stack's own file has its key in it. */
const decides = (file: string): boolean => !/^(environments\/[^/]*|stacks\/config\/.*)$/.test(file);

/**
 * A digest of what an `up` would do: its steps, and what decides their values, which are in no step where they are secret. The same change has the same
 * one on every machine.
 */
export function digestOf(
  stacks: readonly { readonly stack: string; readonly steps: readonly Step[] }[],
  topology: Topology,
  root: string,
): string {
  const steps = stacks.flatMap(({ stack, steps: own }) =>
    own.map(({ op, urn, paths, replacing }) => [stack, op, urn, paths, replacing]),
  );
  const hash = createHash("sha256").update(JSON.stringify([steps, topology]));
  for (const file of programFiles(root).filter(decides)) hash.update(file).update(readFileSync(join(root, file)));
  return hash.digest("hex").slice(0, 32);
}
