import { labNames } from "../../environments/model/lab.ts";
import type { Host, Topology } from "../../environments/model/topology.ts";
import { UserError } from "../console/errors.ts";
import { machineJobs } from "../deploy/cli.ts";
import { deploy, showOn } from "../deploy/deploy.ts";
import { openPlatform } from "../deploy/surroundings.ts";
import { clientOf } from "../lab/daemon.ts";
import { takeDown } from "../lab/down.ts";
import { instanceVariable } from "../lab/instance.ts";
import { labUp } from "../lab/up.ts";
import { type Comparison, compare } from "./measure.ts";
import type { Bench } from "./trial-project.ts";

const [settled, anew] = ["lab-dc1-platform", "lab-dc2-platform"] as const;

/**
 * An `up` that finds nothing to do against the first one on new machines: the same zone of the lab's two sites. In a lab of its own, which is
 * removed afterwards.
 */
export async function secondUp({ signal, say }: Bench): Promise<Comparison[]> {
  process.env[instanceVariable] = "bench";
  try {
    const lab = await labUp(signal);
    await bringUp(["lab-trust", "lab-machines", settled, anew], signal);
    const { project, topology } = await openPlatform("lab", say, signal);
    const run = (verb: "up" | "destroy", stack: string) => (): Promise<string> =>
      project.cli([verb, "--yes", "--skip-preview", "--stack", stack], signal);
    const hosts = stackHosts(topology);
    const renew = async (): Promise<void> => {
      await run("destroy", anew)();
      for (const { name } of hosts)
        await clientOf(lab.dockerHost).getContainer(labNames.container(lab.id, name)).remove({ force: true });
      await bringUp(["lab-machines"], signal);
    };
    await renew();
    const what = { name: `second up of ${settled}`, of: `the first of ${hosts.length} new machines`, goal: 0.3 };
    return [await compare(what, run("up", settled), run("up", anew), say, renew)];
  } finally {
    await takeDown(say);
  }
}

const stackHosts = (topology: Topology): Host[] =>
  topology.sites.flatMap(({ zones }) =>
    zones.filter((zone) => anew === `lab-${zone.site}-${zone.name}`).flatMap((zone) => zone.hosts),
  );

async function bringUp(stacks: readonly string[], signal: AbortSignal): Promise<void> {
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
}
