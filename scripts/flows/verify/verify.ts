import { setTimeout as pause } from "node:timers/promises";
import type { NodeSSH } from "node-ssh";
import pLimit from "p-limit";
import type { Host } from "../../../environments/model/topology.ts";
import { UserError } from "../../console/errors.ts";
import { connectPinned } from "../../console/pinned-ssh.ts";
import { paced, type Report, runSteps } from "../../console/steps.ts";
import { loginOf } from "../../deploy/drift/login.ts";
import type { DeployedPlatform } from "../../deploy/surroundings.ts";
import { type Verdict, verdictsOn } from "../../lab/isolation/judge.ts";
import { observerTable, readObserver, renderObserver, renderRemoval } from "../../lab/isolation/observer.render.ts";
import { allFlowProbes, type Ground, someFlowProbes, trafficOf } from "../../lab/isolation/plan.ts";
import type { Probe } from "../../lab/isolation/probes.ts";
import { chooser } from "../../lab/isolation/random.ts";
import type { Numbered } from "../../lab/isolation/senders.ts";
import { nothingTried } from "../../lab/isolation/trial.ts";
import { type ProberLimits, readProber, renderProber } from "./prober.render.ts";

// Whether gateways do what the table says, also where they are the company's own: by packets from zone to zone, sent and watched for over SSH.

/** Hosts at once. */
const atOnce = 8;
const quick: ProberLimits = { patienceSeconds: 2, atOnce: 200 };
/** What may pass and did not is tried again, slowly: a busy network loses packets too. */
const calm: ProberLimits = { patienceSeconds: 5, atOnce: 10 };
const rounds = 2;

type End = { readonly site?: string; readonly zone?: string };

/** Within a zone no gateway decides. */
export const crosses = ({ from, to }: { readonly from: End; readonly to: End }): boolean =>
  from.site !== to.site || from.zone !== to.zone;

/** Connections and datagrams between hosts of different zones. */
export function crossingProbes(ground: Ground, isFull: boolean, seed: number): Probe[] {
  // An echo is not sent: the prober has no right to.
  const isSent = ({ protocol }: Pick<Probe, "protocol">): boolean => protocol !== "icmp";
  const senders = { ...ground, hosts: ground.hosts.filter(({ role }) => role !== "gateway") };
  const all = isFull ? allFlowProbes(senders) : someFlowProbes(senders, chooser(seed), trafficOf(ground).filter(isSent));
  return all.filter((probe) => isSent(probe) && crosses(probe));
}

/** Sends all of them and judges what came of each. Hosts are as they were afterwards, also when it is interrupted. */
export async function tryCrossings(
  platform: DeployedPlatform,
  ground: Ground,
  probes: readonly Probe[],
  signal: AbortSignal,
): Promise<readonly Verdict[]> {
  const sessions = new Map<Host, NodeSSH>();
  const sent = nothingTried();
  let verdicts: readonly Verdict[] = [];
  const open = async (report: Report): Promise<string> => {
    const problems: string[] = [];
    await onEach(ground.hosts, report, async (host) => {
      signal.throwIfAborted();
      try {
        sessions.set(host, await logIn(platform, host));
      } catch (error) {
        problems.push(`${host.name}: ${(error as Error).message}`);
      }
    });
    if (problems.length > 0)
      throw new UserError(`nothing was sent: all hosts are needed, and these can't be logged in to:\n${problems.join("\n")}`);
    return `${sessions.size} hosts`;
  };
  const observe = (report: Report): Promise<string> =>
    onEach([...sessions], report, async ([host, ssh]) => {
      await asRoot(host, ssh, "nft -f -", renderObserver([], []));
    }).then(() => `${probes.length} packets and connections`);
  const sendAll = async (some: readonly Numbered[], limits: ProberLimits, report: Report): Promise<void> => {
    const bySender = Map.groupBy(some, ({ probe }) => probe.from.name);
    await onEach([...sessions], report, async ([host, ssh]) => {
      signal.throwIfAborted();
      const own = bySender.get(host.name) ?? [];
      if (own.length === 0) return;
      const said = readProber(await run(host, ssh, "perl -", renderProber(own, limits)));
      for (const { id } of own) sent.failed.delete(id);
      for (const id of said.answered) sent.answered.add(id);
      for (const [id, problem] of said.failed) sent.failed.set(id, problem);
      // Who can't say that it tried all has proved nothing.
      if (said.sent !== own.length) for (const { id } of own) sent.failed.set(id, "the sender ended early");
    });
  };
  const judge = async (report: Report): Promise<string> => {
    for (let round = 0; ; round += 1) {
      await pause(1_000);
      const seen = await onEach([...sessions], report, async ([sender, ssh]) => ({
        sender,
        keys: readObserver(await asRoot(sender, ssh, `nft --json list table ${observerTable}`)),
      }));
      verdicts = verdictsOn(probes, { ...sent, seen });
      const missing = verdicts.flatMap(({ probe, outcome }, id) =>
        outcome === "missing" || outcome === "untried" ? [{ id, probe }] : [],
      );
      if (missing.length === 0 || round === rounds) return `${missing.length} missing`;
      await sendAll(missing, calm, report);
    }
  };
  try {
    await runSteps([
      { title: "logs in to the hosts", run: open },
      { title: "observers in their packet filters", run: observe },
      {
        title: "packets from zone to zone",
        run: (report) =>
          sendAll(
            probes.map((probe, id) => ({ id, probe })),
            quick,
            report,
          ).then(() => "sent"),
      },
      { title: "what arrived", run: judge },
    ]);
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    await leave(sessions);
  }
  return verdicts;
}

/** Takes the observers away again, also where another host fails at it. */
async function leave(sessions: ReadonlyMap<Host, NodeSSH>): Promise<void> {
  const failed: string[] = [];
  for (const [host, ssh] of sessions) {
    await asRoot(host, ssh, "nft -f -", renderRemoval).catch((error: unknown) => failed.push((error as Error).message));
    ssh.dispose();
  }
  if (failed.length > 0)
    throw new UserError(
      `these hosts still have the table ${observerTable}, which only counts; run it again, it takes it away:\n${failed.join("\n")}`,
    );
}

async function onEach<T, R>(items: readonly T[], report: Report, work: (item: T) => Promise<R>): Promise<R[]> {
  const limit = pLimit(atOnce);
  const progress = paced(report);
  let done = 0;
  return await Promise.all(
    items.map((item) =>
      limit(async () => {
        const result = await work(item);
        done += 1;
        progress(`${done} of ${items.length} hosts`);
        return result;
      }),
    ),
  );
}

async function logIn(platform: DeployedPlatform, host: Host): Promise<NodeSSH> {
  const login = loginOf(platform, host);
  const { user, address, port, hostKey, knownHostsFile } = login;
  if (!hostKey) throw new UserError(`${knownHostsFile}: no ssh-ed25519 host key of ${address} is pinned; add it`);
  try {
    return await connectPinned({ ...login, hostKey });
  } catch (error) {
    throw new UserError(`${user}@${address}:${port}: ${(error as Error).message}`);
  }
}

const asRoot = (host: Host, ssh: NodeSSH, command: string, input?: string): Promise<string> =>
  run(host, ssh, `sudo -n ${command}`, input);

async function run({ name }: Host, ssh: NodeSSH, command: string, input?: string): Promise<string> {
  const { code, stdout, stderr } = await ssh.execCommand(command, input === undefined ? {} : { stdin: `${input}\n` });
  if (code !== 0) throw new UserError(`${name}: ${command} ended with code ${code}: ${stderr.trim()}`);
  return stdout;
}
