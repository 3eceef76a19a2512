import { main, UserError } from "./console/errors.ts";
import { logEnd, logFile } from "./console/log.ts";
import { interruptSignal, type Report, renderTimes, runSteps, type Step, type StepTime } from "./console/steps.ts";
import { machineJobs } from "./deploy/cli.ts";
import { type DeployResult, deploy, type Show } from "./deploy/deploy.ts";
import { renderLayout } from "./deploy/layout.ts";
import { readPlatform } from "./deploy/platform.ts";
import { describeChanges, totalChanges } from "./deploy/summary.ts";
import { renderFailures, renderReports } from "./deploy/table.ts";
import { requireLab } from "./lab/instance.ts";
import { type HostStatus, isAllWell, renderStatus, wellStep } from "./lab/status.ts";
import { groundSteps, machineStep, withLabLock } from "./lab/up.ts";
import { ensureEngine } from "./toolchain/engine.ts";

// npm start: from a fresh clone to two miniature datacenters. Each step leaves alone what is there.

const next = `What to type next:
  npm run lab -- status                        how each machine is, and the core of each site
  npm run lab -- kubectl -- get namespaces     kubectl as the administrator of the active site's cluster
  npm run lab -- ssh dc1-platform-db1          a session on one
  npm run lab -- power-off dc1-platform-db1    a power failure; power-on heals it
  npm run drift                                what was changed by hand on the machines
  npm run preview -- --platform reference      what the production layout would become
  npm run up -- --platform lab                 after an edit of environments/lab.yaml
  npm run lab -- down                          removes all that the lab made`;

/** Progress of the stacks as the one line that a step has; without a terminal, a line each time that a stack ends. */
function showInStep(report: Report, cleared: string[]): Show {
  return {
    say: (line) => {
      cleared.push(line);
      report(line);
    },
    progress: (title, stacks) => {
      let ended = 0;
      report(title);
      return {
        update: (stack, text) => process.stdout.isTTY && report(`${ended} of ${stacks.length} stacks; ${stack}: ${text}`),
        end: (stack, text) => {
          ended += 1;
          report(`${ended} of ${stacks.length} stacks; ${stack}: ${text}`);
        },
        close: async () => {},
      };
    },
  };
}

function outcomeOf(result: DeployResult): string {
  if (result.outcome === "unchanged") return `nothing to change in ${result.reports.length} stacks`;
  return describeChanges(totalChanges(result.reports.map(({ changes }) => changes)), "done");
}

/** What a stopped deployment says: what is done, what is not, how to go on. */
function renderFailure(result: DeployResult): string {
  return `${renderReports(result.reports, 0)}\n${renderFailures(result.reports)}\nstopped: ${result.reason}
to go on: mend the cause, then run again: npm start\nLast in the log:
${logEnd()}`;
}

function stackStep(signal: AbortSignal, cleared: string[], done: (result: DeployResult) => void): Step {
  return {
    title: "all stacks of the lab: machines, then what runs on them",
    run: async (report) => {
      const result = await deploy({
        platform: "lab",
        jobs: machineJobs(),
        signal,
        show: showInStep(report, cleared),
        confirm: async () => true,
      });
      done(result);
      if (result.outcome === "failed") throw new UserError(result.reason);
      return outcomeOf(result);
    },
  };
}

async function start(signal: AbortSignal): Promise<number> {
  const cleared: string[] = [];
  let result: DeployResult | undefined;
  const engine: Step = {
    title: "engine: the CLI and its plugins",
    run: async (report) => void (await ensureEngine({ signal }, report)),
  };
  const stacks = stackStep(signal, cleared, (found) => {
    result = found;
  });
  let hosts: readonly HostStatus[] = [];
  const well = wellStep(signal, (found) => {
    hosts = found;
  });
  let times: StepTime[];
  try {
    times = await withLabLock("npm start", () => runSteps([machineStep("whole"), engine, ...groundSteps(signal), stacks, well]));
  } catch (error) {
    if (result) throw new UserError(renderFailure(result));
    if (!(error instanceof UserError) || error.message.includes(logFile) || !logEnd()) throw error;
    throw new UserError(`${error.message}\nAll of the log: ${logFile}`);
  }
  const lab = requireLab();
  const parts = [
    cleared.join("\n"),
    renderLayout(readPlatform("lab", lab.slot).topology),
    renderStatus(lab, hosts),
    renderTimes(times),
    result?.outcome === "unchanged" ? "Everything was there already: nothing was changed." : "The lab is up.",
    next,
  ];
  process.stdout.write(`\n${parts.filter(Boolean).join("\n\n")}\n`);
  return isAllWell(hosts) ? 0 : 1;
}

await main(() => start(interruptSignal()));
