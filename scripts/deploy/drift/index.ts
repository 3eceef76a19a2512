import pLimit from "p-limit";
import type { Deployment } from "../deployment.ts";
import { exportState, readStates } from "../stack-states.ts";
import type { DeployedPlatform } from "../surroundings.ts";
import { judgeContainers, strayContainers, subjectOf } from "./containers.ts";
import { containersOf, type DeclaredContainer, engineOf, probesAreSealed, probesOf } from "./declared.ts";
import { type Finding, notJudged } from "./finding.ts";
import { allHosts, loginOf, sshOptionsOf } from "./login.ts";
import { probeHost } from "./ssh.ts";

const hostsAtOnce = 16;

export interface DriftOptions {
  /** Names of deployed stacks. */
  readonly stacks: readonly string[];
  /** Whether to look for containers of the lab that no stack of its backend holds, declared or not. */
  readonly strays: boolean;
  readonly signal?: AbortSignal;
  readonly report: (text: string) => void;
}

/** Compares hosts and containers with what the stacks' states declare. Changes nothing. */
export async function findDrift(platform: DeployedPlatform, options: DriftOptions): Promise<Finding[]> {
  const { report, signal } = options;
  report(`reads the states of ${options.stacks.length} stacks`);
  const states = await readOpenStates(platform, options.stacks);
  const probes = states.flatMap(([stack, state]) => probesOf(stack, state));
  const containers = states.flatMap(([stack, state]) =>
    containersOf(stack, state).map((container) => ({ container, engine: engineOf(state, container.provider) })),
  );
  const hosts = new Map(allHosts(platform.topology).map((host) => [host.name, host]));

  const limit = pLimit(hostsAtOnce);
  const byHost = [...Map.groupBy(probes, (probe) => probe.host)];
  let done = 0;
  const probed = byHost.map(([name, own]) =>
    limit(async () => {
      const host = hosts.get(name);
      const found = host
        ? await probeHost(loginOf(platform, host), own, signal)
        : own.map((probe) => notJudged(probe, `the environment file has no such host any more; npm run hosts -- forget ${name}`));
      done += 1;
      report(`${done} of ${byHost.length} hosts compared`);
      return found;
    }),
  );
  const findings = await Promise.all([...probed, ...judgeByEngine(platform, containers)]);
  const strays = options.strays ? await findStrays(platform) : [];
  return [...findings.flat(), ...strays];
}

async function findStrays({ lab, project }: DeployedPlatform): Promise<Finding[]> {
  if (!lab) return [];
  const states = await readStates(project, [...(await project.list()).keys()]);
  const known = states.flatMap(([stack, state]) => containersOf(stack, state).map(({ id }) => id));
  return strayContainers({ host: lab.dockerHost }, lab.id, new Set(known));
}

/** Secrets are opened only where a probe can't be read without. */
async function readOpenStates(platform: DeployedPlatform, stacks: readonly string[]): Promise<[string, Deployment][]> {
  const states = await readStates(platform.project, stacks);
  return Promise.all(
    states.map(
      async ([stack, state]): Promise<[string, Deployment]> => [
        stack,
        probesAreSealed(state) ? await exportState(platform.project, stack, { showSecrets: true }) : state,
      ],
    ),
  );
}

function judgeByEngine(
  platform: DeployedPlatform,
  containers: readonly { readonly container: DeclaredContainer; readonly engine: string | undefined }[],
): Promise<Finding[]>[] {
  return [...Map.groupBy(containers, ({ engine }) => engine)].map(([engine, own]) => {
    const declared = own.map(({ container }) => container);
    if (engine === undefined) return Promise.resolve(declared.map((each) => notJudged(subjectOf(each), unknownEngine)));
    const host = allHosts(platform.topology).find((each) => engine.includes(`@${each.addresses.management}:`));
    return judgeContainers({ host: engine, ...(host && { sshOptions: sshOptionsOf(loginOf(platform, host)) }) }, declared);
  });
}

const unknownEngine =
  "the host of its provider is a secret in the state, or missing, so its engine is not known; the next up records it";
