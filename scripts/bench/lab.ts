import { UserError } from "../console/errors.ts";
import { machineJobs } from "../deploy/cli.ts";
import { deploy, showOn } from "../deploy/deploy.ts";
import { openPlatform } from "../deploy/surroundings.ts";
import { takeDown } from "../lab/down.ts";
import { instanceVariable } from "../lab/instance.ts";
import { labUp } from "../lab/up.ts";
import { type Comparison, compare } from "./measure.ts";
import type { Bench } from "./trial-project.ts";

const [settled, anew] = ["lab-dc1-platform", "lab-dc2-platform"] as const;

/**
 * An `up` that finds nothing to do against one that prepares hosts from nothing: the same zone of the lab's two sites. In a lab of its own,
 * which is removed afterwards.
 */
export async function secondUp({ signal, say }: Bench): Promise<Comparison[]> {
  process.env[instanceVariable] = "bench";
  try {
    await labUp(signal);
    const stacks = ["lab-trust", "lab-machines", settled, anew];
    const show = showOn(process.stderr);
    const { outcome, reason } = await deploy({
      platform: "lab",
      stacks,
      jobs: machineJobs(),
      signal,
      show,
      confirm: async () => true,
    });
    if (outcome === "failed") throw new UserError(reason);
    const { project } = await openPlatform("lab", say, signal);
    const run = (verb: "up" | "destroy", stack: string) => (): Promise<string> =>
      project.cli([verb, "--yes", "--skip-preview", "--stack", stack], signal);
    const reset = run("destroy", anew);
    await reset();
    const what = { name: `second up of ${settled}`, of: "the first up of its hosts", goal: 0.3 };
    return [await compare(what, run("up", settled), run("up", anew), say, reset)];
  } finally {
    await takeDown(say);
  }
}
