import { readFileSync } from "node:fs";
import { join } from "node:path";
import pLimit from "p-limit";
import { pinnedHostKey } from "../../../environments/model/known-hosts.ts";
import { environmentsDirectory } from "../../../environments/model/load.ts";
import type { Host, Topology } from "../../../environments/model/topology.ts";
import type { Deployment } from "../deployment.ts";
import type { DeployedPlatform } from "../surroundings.ts";
import { exportState, readStates } from "../workspace.ts";
import { judgeContainers, strayContainers } from "./containers.ts";
import { containersOf, type DeclaredContainer, engineOf, probesAreSealed, probesOf } from "./declared.ts";
import { type Finding, notJudged } from "./finding.ts";
import { type Login, probeHost } from "./ssh.ts";

export interface DriftOptions {
  /** Names of deployed stacks. */
  readonly stacks: readonly string[];
  /** Whether to look for containers of the lab that no stack holds; only sound when all stacks are asked for. */
  readonly strays: boolean;
  /** Connections at once. */
  readonly connections?: number;
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
  const hosts = new Map(
    platform.topology.sites.flatMap((site) => site.zones.flatMap((zone) => zone.hosts)).map((host) => [host.name, host]),
  );

  const limit = pLimit(options.connections ?? 16);
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
  const known = new Set(containers.map(({ container }) => container.id));
  const strays =
    options.strays && platform.lab ? await strayContainers({ host: platform.lab.dockerHost }, platform.lab.id, known) : [];
  return [...findings.flat(), ...strays];
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
  containers: readonly { readonly container: DeclaredContainer; readonly engine: string }[],
): Promise<Finding[]>[] {
  return [...Map.groupBy(containers, ({ engine }) => engine)].map(([engine, own]) => {
    const declared = own.map(({ container }) => container);
    const host = allHosts(platform.topology).find((each) => engine.includes(`@${each.addresses.management}:`));
    return judgeContainers({ host: engine, ...(host && { sshOptions: sshOptionsOf(loginOf(platform, host)) }) }, declared);
  });
}

const allHosts = (topology: Topology): Host[] => topology.sites.flatMap((site) => site.zones.flatMap((zone) => zone.hosts));

function sshOptionsOf(login: Login): object {
  const pinned = Buffer.from(login.hostKey?.split(" ")[1] ?? "", "base64");
  return { ...login.key, algorithms: { serverHostKey: ["ssh-ed25519"] }, hostVerifier: (key: Buffer) => key.equals(pinned) };
}

function loginOf(platform: DeployedPlatform, host: Host): Login {
  const { user, port, knownHosts } = platform.topology.ssh;
  const knownHostsFile = join(platform.lab?.directory ?? environmentsDirectory, knownHosts);
  const address = host.addresses.management;
  return {
    address,
    port,
    user,
    knownHostsFile,
    hostKey: pinnedHostKey(readOrEmpty(knownHostsFile), address, port),
    key: keyOf(platform),
  };
}

/** The lab's own key; on real machines the file that TANDEM_SSH_KEY_FILE names, or the user's agent. */
function keyOf(platform: DeployedPlatform): Login["key"] {
  const file = platform.lab ? join(platform.lab.directory, "id_ed25519") : process.env["TANDEM_SSH_KEY_FILE"];
  return file ? { privateKey: readFileSync(file, "utf8") } : { agent: process.env["SSH_AUTH_SOCK"] ?? "" };
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}
