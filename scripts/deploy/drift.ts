import { main, UserError } from "../console/errors.ts";
import { interruptSignal } from "../console/steps.ts";
import { collect, command } from "./cli.ts";
import { driftExitCode, renderDrift } from "./drift/finding.ts";
import { findDrift } from "./drift/index.ts";
import { chosenStacks } from "./platform.ts";
import { openPlatform } from "./surroundings.ts";
import { deployedStacks } from "./workspace.ts";

interface Options {
  readonly platform: string;
  readonly stack: string[];
  readonly json?: true;
}

await main(async () => {
  const options = command("drift", "compares each host's files, rules and containers with what is declared; changes nothing")
    .option("--platform <name>", "the platform, as in environments/<name>.yaml", "lab")
    .option("--stack <name>", "only this stack; can be given more than once", collect, [])
    .option("--json", "print one JSON document and nothing else")
    .addHelpText("after", "\nExit codes: 0 all is as declared; 1 a difference, or something that could not be looked at.")
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
  const findings = await findDrift(platform, {
    stacks: deployed,
    strays: options.stack.length === 0,
    signal: interruptSignal(),
    report,
  });
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
