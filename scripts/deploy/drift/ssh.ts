import { NodeSSH } from "node-ssh";
import { connectPinned, type PinnedLogin } from "../../console/pinned-ssh.ts";
import type { Probe } from "./declared.ts";
import { compareTexts, type Finding, notJudged } from "./finding.ts";

/** How to log in to a host whose key may not be pinned yet. */
export interface Login extends Omit<PinnedLogin, "hostKey"> {
  readonly hostKey: string | undefined;
  /** Where the pin belongs. */
  readonly knownHostsFile: string;
}

const probeSeconds = 30;

/** Runs all probes of a host over one connection. A host that can't be reached leaves all of them not judged. */
export async function probeHost(login: Login, probes: readonly Probe[], signal?: AbortSignal): Promise<Finding[]> {
  if (!login.hostKey)
    return probes.map((probe) =>
      notJudged(probe, `${login.knownHostsFile}: no ssh-ed25519 host key of ${login.address} is pinned`),
    );
  const ssh = new NodeSSH();
  const leave = (): void => ssh.dispose();
  signal?.addEventListener("abort", leave, { once: true });
  try {
    await connectPinned({ ...login, hostKey: login.hostKey }, ssh);
    const findings: Finding[] = [];
    for (const probe of probes) findings.push(await runProbe(ssh, probe));
    return findings;
  } catch (error) {
    const why = `${login.user}@${login.address}:${login.port}: ${error instanceof Error ? error.message : String(error)}`;
    return probes.map((probe) => notJudged(probe, why));
  } finally {
    signal?.removeEventListener("abort", leave);
    ssh.dispose();
  }
}

async function runProbe(ssh: NodeSSH, probe: Probe): Promise<Finding> {
  const { promise: timeout, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no answer to "${probe.what}" within ${probeSeconds} s`)), probeSeconds * 1000);
  try {
    const { stdout, stderr, code } = await Promise.race([ssh.execCommand(probe.command, { noTrim: true }), timeout]);
    const finding = compareTexts(probe, probe.expected, stdout);
    // What a command says when it fails is a part of the difference, as in "No such file or directory".
    return finding.verdict === "different" && code !== 0
      ? { ...finding, detail: `${finding.detail}\n${stderr.trim()}` }
      : finding;
  } finally {
    clearTimeout(timer);
  }
}
