import { UserError } from "../console/errors.ts";
import { machineJobs } from "../deploy/cli.ts";
import { deploy, showOn } from "../deploy/deploy.ts";
import { takeDown } from "../lab/down.ts";
import { instanceVariable } from "../lab/instance.ts";
import { withRoom } from "../lab/room.ts";
import { labUp } from "../lab/up.ts";
import { type Comparison, compare } from "./measure.ts";
import type { Bench } from "./trial-project.ts";

/** An `up` of the whole lab that finds nothing to do, against the first one. In a lab of its own, which is made anew for each pair. */
export async function secondUp({ signal, say }: Bench): Promise<Comparison[]> {
  const comparisons: Comparison[] = [];
  await withRoom(async () => {
    process.env[instanceVariable] = "bench";
    const renew = async (): Promise<void> => {
      await takeDown(say);
      await labUp(signal);
    };
    const up = async (): Promise<void> => {
      const show = showOn(process.stderr);
      const { outcome, reason } = await deploy({ platform: "lab", jobs: machineJobs(), signal, show, confirm: async () => true });
      if (outcome === "failed") throw new UserError(reason);
    };
    try {
      await renew();
      comparisons.push(await compare({ name: "second up of the lab", of: "the first up", goal: 0.3 }, up, up, say, renew));
    } finally {
      await takeDown(say);
    }
  });
  return comparisons;
}
