import { existsSync } from "node:fs";
import { runTool } from "../console/log.ts";

// The machine's packet filter around a lab. Frames inside a lab's bridge pass (with br_netfilter the machine's own FORWARD policy would
// drop them); nothing is routed between its bridges or out of them; the machine answers none of its hosts except on what it asked them.

export const labChains = (slot: number): { readonly forward: string; readonly input: string } => ({
  forward: `TANDEM-${slot}-FORWARD`,
  input: `TANDEM-${slot}-INPUT`,
});

/** Rules of a lab for iptables-restore: its own two chains, replaced as a whole. */
export function renderFirewall(slot: number): string {
  const { forward, input } = labChains(slot);
  const bridges = `td${slot}-+`;
  return [
    "*filter",
    `:${forward} - [0:0]`,
    `:${input} - [0:0]`,
    `-A ${forward} -i ${bridges} -m physdev --physdev-is-bridged -j ACCEPT`,
    `-A ${forward} -i ${bridges} -j DROP`,
    `-A ${forward} -o ${bridges} -j DROP`,
    `-A ${input} -i ${bridges} -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT`,
    `-A ${input} -i ${bridges} -j DROP`,
    "COMMIT",
    "",
  ].join("\n");
}

const iptables = (...args: string[]): Promise<string> => runTool("iptables", ["--wait", "10", ...args]);
const succeeds = (...args: string[]): Promise<boolean> =>
  iptables(...args).then(
    () => true,
    () => false,
  );

/** Places the rules; again and again without harm. An engine's own chains end in drops, so ours is asked before them. */
export async function raiseFirewall(slot: number): Promise<void> {
  await runTool("iptables-restore", ["--noflush", "--wait", "10"], { input: renderFirewall(slot) });
  const { forward, input } = labChains(slot);
  const before = (await succeeds("--check", "FORWARD", "--jump", "DOCKER-USER")) ? "DOCKER-USER" : "FORWARD";
  for (const [from, to] of [
    [before, forward],
    ["INPUT", input],
  ] as const)
    if (!(await succeeds("--check", from, "--jump", to))) await iptables("--insert", from, "1", "--jump", to);
}

/** Takes the rules away; true when there were any. */
export async function removeFirewall(slot: number): Promise<boolean> {
  if (!existsSync("/usr/sbin/iptables")) return false;
  const rules = (await runTool("iptables-save", ["--table", "filter"])).split("\n");
  const chains = Object.values(labChains(slot)).filter((chain) => rules.some((rule) => rule.startsWith(`:${chain} `)));
  const jumps = rules.filter((rule) => rule.startsWith("-A ") && chains.some((chain) => rule.endsWith(` -j ${chain}`)));
  for (const jump of jumps) await iptables("--delete", ...jump.split(" ").slice(1));
  for (const chain of chains) await iptables("--flush", chain);
  for (const chain of chains) await iptables("--delete-chain", chain);
  return chains.length > 0;
}
