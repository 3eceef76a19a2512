import { NodeSSH } from "node-ssh";
import { UserError } from "../../console/errors.ts";
import { connectPinned } from "../../console/pinned-ssh.ts";
import { type Deployment, isSecret, opened, resourceName, resourcesOf } from "../deployment.ts";
import { exportState } from "../stack-states.ts";
import type { DeployedPlatform } from "../surroundings.ts";
import { probesOf } from "./declared.ts";
import type { Finding } from "./finding.ts";
import { allHosts, loginOf } from "./login.ts";

/** What brings one thing of a host back to what is declared: the script of the command that made it. Held in memory only. */
export interface Repair {
  readonly stack: string;
  readonly host: string;
  readonly what: string;
  readonly script: string;
  readonly stdin: string | undefined;
  /** Then nothing that the script says is shown. */
  readonly secret: boolean;
}

const commandType = "command:remote:Command";

/** The repairs of what differs, in the order in which it was made; the state must show its secrets. Pure. */
export function repairsOf(stack: string, state: Deployment, findings: readonly Finding[]): Repair[] {
  const differing = findings.filter((finding) => finding.verdict === "different" && finding.stack === stack);
  const probes = probesOf(stack, state).filter(({ host, what }) =>
    differing.some((finding) => finding.host === host && finding.what === what),
  );
  return resourcesOf(state).flatMap((resource) => {
    if (resource.type !== commandType || resource.delete === true) return [];
    const probe = probes.find((each) => each.resource === resourceName(resource));
    const script = opened(resource.inputs?.["create"]);
    const stdin = opened(resource.inputs?.["stdin"]);
    if (!probe) return [];
    if (typeof script !== "string" || (stdin !== undefined && typeof stdin !== "string"))
      throw new Error(`${stack}: ${resourceName(resource)} holds no script that can be run again`);
    const secret = isSecret(resource.inputs?.["create"]) || isSecret(resource.inputs?.["stdin"]);
    return [{ stack, host: probe.host, what: probe.what, script, stdin, secret }];
  });
}

/** Repairs what differs, one thing after the other in the stacks' order, so the standby site first; stops at the first failure. */
export async function repair(
  platform: DeployedPlatform,
  findings: readonly Finding[],
  say: (line: string) => void,
  signal?: AbortSignal,
): Promise<number> {
  const differing = new Set(findings.filter(({ verdict }) => verdict === "different").map(({ stack }) => stack));
  let repaired = 0;
  for (const { name } of platform.stacks.filter((stack) => differing.has(stack.name))) {
    const state = await exportState(platform.project, name, { showSecrets: true });
    for (const one of repairsOf(name, state, findings)) {
      if (signal?.aborted) throw new UserError(`interrupted; ${repaired} repaired before`);
      const said = await runRepair(platform, one);
      say([`${one.host}: ${one.what}: repaired`, ...(said === "" ? [] : [said])].join("\n"));
      repaired += 1;
    }
  }
  return repaired;
}

/** Returns what the script said. */
async function runRepair(platform: DeployedPlatform, { host: name, what, script, stdin, secret }: Repair): Promise<string> {
  const host = allHosts(platform.topology).find((each) => each.name === name);
  if (!host) throw new UserError(`${name}: the environment file has no such host any more; npm run hosts -- forget ${name}`);
  const login = loginOf(platform, host);
  if (!login.hostKey) throw new UserError(`${login.knownHostsFile}: no ssh-ed25519 host key of ${login.address} is pinned`);
  const ssh = new NodeSSH();
  try {
    await connectPinned({ ...login, hostKey: login.hostKey }, ssh);
    const { code, stderr } = await ssh.execCommand(script, { stdin: stdin ?? "" });
    const said = secret ? "" : stderr.trim();
    if (code !== 0)
      throw new UserError(`${name}: ${what}: its repair ended with code ${code}; what comes after it was left alone\n${said}`);
    return said;
  } finally {
    ssh.dispose();
  }
}
