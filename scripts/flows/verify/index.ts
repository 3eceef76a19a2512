import { randomInt } from "node:crypto";
import { UserError } from "../../console/errors.ts";
import { interruptSignal } from "../../console/steps.ts";
import { confirmed } from "../../deploy/confirm.ts";
import { openPlatform } from "../../deploy/surroundings.ts";
import { findingsOf } from "../../lab/isolation/judge.ts";
import { groundOf, untriedRows } from "../../lab/isolation/plan.ts";
import { renderProof } from "../../lab/isolation/report.ts";
import { crosses, crossingProbes, tryCrossings } from "./verify.ts";

export interface VerifyOptions {
  readonly platform: string;
  readonly site?: string;
  readonly full?: true;
  readonly seed?: number;
  readonly yes?: true;
}

/** True when every packet between zones did what the table says. */
export async function verifyFlows({
  platform: name,
  site,
  full,
  seed = randomInt(2 ** 31),
  yes,
}: VerifyOptions): Promise<boolean> {
  const signal = interruptSignal();
  const platform = await openPlatform(name, () => {}, signal);
  const { sites, machines } = platform.topology;
  if (site !== undefined && !sites.some((one) => one.name === site))
    throw new UserError(`--site ${site}: no site of ${name}; allowed: ${sites.map((one) => one.name).join(", ")}`);
  const ground = groundOf(platform.topology, site === undefined ? [] : [site]);
  const probes = crossingProbes(ground, full === true, seed);
  process.stdout.write(`seed ${seed}: ${probes.length} packets and connections between ${ground.hosts.length} hosts\n`);
  const question = "Send them from these real hosts, and add a table to their packet filters until they are through?";
  if (machines === "ssh" && !yes && !(await confirmed(question))) return false;
  const startedAt = new Date();
  const verdicts = await tryCrossings(platform, ground, probes, signal);
  const seconds = (Date.now() - startedAt.getTime()) / 1000;
  const form = full ? "all pairs between zones" : "a sample between zones";
  const text = renderProof({
    ...{ ground, form, seed, seconds, verdicts },
    startedAt: startedAt.toISOString(),
    untriedRows: untriedRows({ ...ground, table: ground.table.filter(crosses) }, probes),
  });
  process.stdout.write(`${text}\n`);
  return findingsOf(verdicts).length === 0;
}
