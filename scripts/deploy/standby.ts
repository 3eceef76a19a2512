import type { DeployOptions } from "./deploy.ts";
import { driftExitCode, renderDrift } from "./drift/finding.ts";
import { findDrift } from "./drift/index.ts";
import { runStacks } from "./run-stacks.ts";
import { changeCount } from "./summary.ts";
import type { DeployedPlatform } from "./surroundings.ts";

// The active site is touched only when the standby site was brought to the same and is found to be as declared.

export const standbySites = ({ topology }: DeployedPlatform): string[] =>
  topology.sites.filter((site) => site.role === "standby").map((site) => site.name);

/** Compares the standby site's hosts with what is declared; returns why the active site has to wait, if it has to. */
export async function standbyProblem(
  platform: DeployedPlatform,
  stacks: readonly string[],
  { signal, show }: DeployOptions,
): Promise<string | undefined> {
  if (stacks.length === 0) return undefined;
  const findings = await findDrift(platform, { stacks, strays: false, signal, report: () => {} });
  if (signal.aborted) return "interrupted";
  if (driftExitCode(findings) === 0) {
    show.say(`standby site: verified, ${findings.length} files, rules and containers of ${stacks.length} stacks are as declared`);
    return undefined;
  }
  show.say(renderDrift(findings));
  const drift = `npm run drift -- --platform ${platform.name}`;
  return `the standby site is not as declared, or could not be looked at; the active site was left alone. Look: ${drift}; mend: ${drift} --repair`;
}

/** Previews the standby's counterparts of active stacks that go alone; returns why these have to wait, if they have to. */
export async function aheadOfStandby(
  platform: DeployedPlatform,
  counterparts: readonly string[],
  deployed: ReadonlySet<string>,
  { jobs, signal, show }: DeployOptions,
): Promise<string | undefined> {
  const known = platform.stacks.filter(({ name }) => counterparts.includes(name) && deployed.has(name));
  const title = "what changes at the standby site, which goes first";
  const names = known.map(({ name }) => name);
  const previews =
    known.length === 0
      ? []
      : await runStacks(platform.project, known, { kind: "preview", jobs, signal, progress: show.progress(title, names) });
  if (signal.aborted) return "interrupted";
  const behind = [
    ...counterparts.filter((name) => !deployed.has(name)).map((name) => `${name} is not deployed`),
    ...previews.filter(({ result }) => result !== "done").map(({ stack }) => `the preview of ${stack} failed`),
    ...previews
      .filter(({ result, changes }) => result === "done" && changeCount(changes) > 0)
      .map(({ stack, changes }) => `${stack} still has ${changeCount(changes)} changes`),
  ];
  if (behind.length === 0) return undefined;
  const first = counterparts.map((name) => `--stack ${name}`).join(" ");
  return `the standby site goes first: ${behind.join(", ")}. Nothing was changed. Deploy it, then run this again: npm run up -- --platform ${platform.name} ${first}`;
}
