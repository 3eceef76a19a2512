import { UserError } from "../console/errors.ts";
import { machineJobs } from "../deploy/cli.ts";
import { deploy, showOn } from "../deploy/deploy.ts";
import { takeDown } from "../lab/down.ts";
import { instanceVariable } from "../lab/instance.ts";
import { labUp } from "../lab/up.ts";
import { type Comparison, compare } from "./measure.ts";
import type { Bench } from "./trial-project.ts";

/** An `up` of the whole lab that finds nothing to do, against the first one. In two labs of their own, which are removed afterwards. */
export async function secondUp({ signal, say }: Bench): Promise<Comparison[]> {
  const inLab = async (name: string, work: () => Promise<unknown>): Promise<void> => {
    process.env[instanceVariable] = name;
    await work();
  };
  const up = async (): Promise<void> => {
    const show = showOn(process.stderr);
    const { outcome, reason } = await deploy({ platform: "lab", jobs: machineJobs(), signal, show, confirm: async () => true });
    if (outcome === "failed") throw new UserError(reason);
  };
  const [settled, anew] = ["bench-settled", "bench-new"] as const;
  const renew = (): Promise<void> =>
    inLab(anew, async () => {
      await takeDown(say);
      await labUp(signal);
    });
  try {
    await inLab(settled, () => labUp(signal));
    await inLab(settled, up);
    await renew();
    const what = { name: "second up of the lab", of: "the first up", goal: 0.3 };
    return [
      await compare(
        what,
        () => inLab(settled, up),
        () => inLab(anew, up),
        say,
        renew,
      ),
    ];
  } finally {
    for (const name of [settled, anew]) await inLab(name, () => takeDown(say));
  }
}
