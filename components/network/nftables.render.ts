import { everywhere, type Party } from "../../environments/model/flows/party.ts";
import type { FlowRow } from "../../environments/model/flows/table.ts";
import { managed } from "../managed.render.ts";

// nftables' own syntax: https://wiki.nftables.org/wiki-nftables/index.php/Main_Page. One table of ours, replaced as a whole; nobody else's is touched.

export const tableName = "inet tandem";

interface NetworkSet {
  readonly set: string;
  /** Whether one overlaps another does not matter. */
  readonly networks: () => readonly string[];
}

export interface BaseChain {
  readonly chain: string;
  /** Default: filter. */
  readonly type?: "filter" | "nat";
  readonly hook: "prerouting" | "input" | "forward" | "output" | "postrouting";
  readonly priority: "raw" | "mangle" | "filter" | "srcnat";
  readonly policy: "accept" | "drop";
  readonly rules: readonly string[];
}

interface PlainChain {
  readonly chain: string;
  readonly rules: readonly string[];
}

/** The file of a whole table: `nft -f` takes it in one transaction or not at all. */
export function rules(parts: readonly (NetworkSet | BaseChain | PlainChain)[]): string {
  // A set that no rule names is left out.
  const text = parts.flatMap((one) => ("set" in one ? [] : one.rules)).join("\n");
  const used = parts.filter((one) => !("set" in one) || text.includes(`@${one.set}`));
  return [
    "#!/usr/sbin/nft -f",
    `# ${managed}`,
    `table ${tableName}`,
    `delete table ${tableName}`,
    `table ${tableName} {`,
    ...used.flatMap(part).map((line) => (line === "" ? "" : `  ${line}`)),
    "}",
    "",
  ].join("\n");
}

function part(one: NetworkSet | BaseChain | PlainChain): string[] {
  if ("set" in one)
    return [
      `set ${one.set} {`,
      "  type ipv4_addr",
      "  flags interval",
      "  auto-merge",
      `  elements = ${elements(one.networks())}`,
      "}",
      "",
    ];
  const head =
    "hook" in one ? [`  type ${one.type ?? "filter"} hook ${one.hook} priority ${one.priority}; policy ${one.policy};`] : [];
  return [`chain ${one.chain} {`, ...head, ...one.rules.map((line) => `  ${line}`), "}", ""];
}

/** An anonymous set, in a fixed order; single addresses without their prefix length. */
export const elements = (values: readonly (string | number)[]): string =>
  `{ ${[...new Set(values)].map((value) => String(value).replace(/\/32$/, "")).join(", ")} }`;

/** By its number (IANA, Assigned Internet Protocol Numbers): a host may have no list of the protocols' names. */
export const isVrrp = "ip protocol 112";

/** Rules that accept a row, each after a condition on the interfaces; none where nobody is at one of its ends. */
export function match({ name, from, to, protocol, ports }: FlowRow, interfaces: string): string[] {
  if (from.cidrs.length === 0 || to.cidrs.length === 0) return [];
  const ends = [...end("saddr", from), ...end("daddr", to)].join(" ");
  const what = {
    tcp: `tcp dport ${elements(ports)}`,
    udp: `udp dport ${elements(ports)}`,
    icmp: "icmp type echo-request",
    vrrp: isVrrp,
  }[protocol];
  return [`${interfaces} ${ends} ${what} counter accept comment "${name}"`];
}

/** Rules that accept what answers a row, without knowing the question. */
export function answers({ name, from, to, protocol, ports }: FlowRow, interfaces: string): string[] {
  if ((protocol !== "tcp" && protocol !== "udp") || from.cidrs.length === 0 || to.cidrs.length === 0) return [];
  const ends = [...end("saddr", to), ...end("daddr", from)].join(" ");
  return [`${interfaces} ${ends} ${protocol} sport ${elements(ports)} counter accept comment "${name}, answers"`];
}

/** Everybody outside is nobody of the platform; any other network outside shares no address with it. */
const end = (which: "saddr" | "daddr", { cidrs }: Party): string[] =>
  cidrs.includes(everywhere) ? [`ip ${which} != @platform`] : [`ip ${which} ${elements(cidrs)}`];

/** The first rules of a chain that judges: a host's talk with itself, and what belongs to a connection that was judged. */
export const known: readonly string[] = [
  "iifname lo accept",
  "ct state established,related accept",
  "ct state invalid counter drop",
];

/** Who takes what is logged from the kernel asks for it by this number. */
export const droppedLogGroup = 1;

/** The last rules of a chain: what is dropped is written down, at most so much of it that nobody can fill a disk with it. */
export const droppedRules = (what: string): string[] => [
  `limit rate 10/second burst 50 packets log group ${droppedLogGroup} prefix "tandem ${what} "`,
  "counter drop",
];
