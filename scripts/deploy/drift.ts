import { main, UserError } from "../console/errors.ts";
import { interruptSignal } from "../console/steps.ts";
import { collect, command } from "./cli.ts";
import { driftExitCode, type Finding, renderDrift } from "./drift/finding.ts";
import { findDrift } from "./drift/index.ts";
import { repair } from "./drift/repair.ts";
import { withPlatformLock } from "./exclusive.ts";
import { chosenStacks } from "./platform.ts";
import { deployedStacks } from "./stack-states.ts";
import { type DeployedPlatform, openPlatform } from "./surroundings.ts";

interface Options {
  readonly platform: string;
  readonly stack: string[];
  readonly json?: true;
  readonly repair?: true;
}

const help = `
Compared are files, rules and packages of each host, and the containers of each engine. Without --repair nothing is changed,
but new packet filter rules that are as declared count as kept: a host was reached under them.
--repair runs the scripts again that made what differs, each as its stack recorded it, one after the other, the standby site first; it stops
at the first that fails, otherwise it compares again. No state is written. Containers are not repaired by it:
  npm run pulumi -- refresh --stack <stack>   finds out which are gone or stopped
  npm run up -- --platform <name>             makes them anew

Exit codes: 0 all is as declared, with --repair: after it; 1 a difference, or something that could not be looked at.`;

/** Repairs and compares again; nobody else deploys meanwhile. Progress goes where it leaves standard output to the result. */
function repairAll(
  platform: DeployedPlatform,
  before: readonly Finding[],
  look: () => Promise<Finding[]>,
  signal: AbortSignal,
): Promise<Finding[]> {
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  say(`\n${renderDrift(before)}\n`);
  return withPlatformLock(platform, "repairing hosts", async () => {
    const repaired = await repair(platform, before, say, signal);
    const left = before.filter(({ verdict }) => verdict !== "same").length - repaired;
    say(`${repaired} repaired${left > 0 ? `, ${left} not repairable this way (--help says how)` : ""}; comparing again`);
    return look();
  });
}

await main(async () => {
  const options = command("drift", "compares each host's files, rules and containers with what is declared")
    .option("--platform <name>", "the platform, as in environments/<name>.yaml", "lab")
    .option("--stack <name>", "only this stack; can be given more than once", collect, [])
    .option("--json", "print one JSON document and nothing else")
    .option("--repair", "bring back what differs on hosts, then compare again")
    .addHelpText("after", help)
    .parse()
    .opts<Options>();
  const start = performance.now();
  const report = (text: string): void => void (process.stderr.isTTY && process.stderr.write(`\r\x1b[K${text}`));
  const platform = await openPlatform(options.platform, report);
  const stacks = chosenStacks(platform, options.stack).map(({ name }) => name);
  const deployed = await deployedStacks(platform.project, chosenStacks(platform, options.stack));
  if (deployed.length === 0)
    throw new UserError(
      `${options.platform}: none of its stacks is deployed; deploy them: npm run up -- --platform ${options.platform}`,
    );
  const signal = interruptSignal();
  const look = (): Promise<Finding[]> =>
    findDrift(platform, { stacks: deployed, strays: options.stack.length === 0, signal, report });
  const before = await look();
  const findings = options.repair && driftExitCode(before) !== 0 ? await repairAll(platform, before, look, signal) : before;
  report("");
  const missing = stacks.filter((name) => !deployed.includes(name));
  const differing = findings.filter(({ verdict }) => verdict !== "same");
  if (options.json) {
    process.stdout.write(
      `${JSON.stringify({ platform: options.platform, notDeployed: missing, compared: findings.length, findings: differing }, undefined, 2)}\n`,
    );
  } else {
    const seconds = Math.round((performance.now() - start) / 100) / 10;
    if (missing.length > 0) process.stdout.write(`not deployed, so not compared: ${missing.join(", ")}\n`);
    process.stdout.write(
      `${renderDrift(findings)}\n${findings.length} compared in ${seconds} s: ${differing.length || "no"} ${differing.length === 1 ? "difference" : "differences"}\n`,
    );
  }
  return driftExitCode(findings);
});
