import { z } from "zod";
import { anyPod, type Means, type Probe, probePorts } from "./probes.ts";

// What a host's kernel writes down of the proof's packets, in a table of its own that no other rule sees, and what it does to those that it sends.

export const observerTable = "inet tandem-isolation";

/** Reached: came in by an interface, before any rule. Passed: the host's own rules let it in, too. */
const stages = ["reached", "passed"] as const;
export type Stage = (typeof stages)[number];

const range = `${probePorts.first}-${probePorts.last}`;

/** Most packets that a stage can tell apart; more are as good as a leak, and no proof needs them. */
const mostElements = 65_535;

const setsOf = (stage: Stage): string[] => [
  `set ${stage} { type inet_proto . ipv4_addr . ipv4_addr . inet_service . inet_service; size ${mostElements}; flags dynamic; }`,
  `set ${stage}_echo { type ipv4_addr . ipv4_addr; size ${mostElements}; flags dynamic; }`,
  `set ${stage}_ipv6 { type inet_proto . inet_service . inet_service; size ${mostElements}; flags dynamic; }`,
];

const begins = "tcp flags & (syn | ack) == syn";

/** `borrowed`: source ports of services that are used for probes; of those only what begins a connection is a probe. */
const rulesOf = (stage: Stage, borrowed: readonly number[]): string[] => {
  const add = `add @${stage} { meta l4proto . ip saddr . ip daddr . th sport . th dport }`;
  return [
    `meta nfproto ipv4 tcp sport ${range} ${begins} ${add}`,
    ...(borrowed.length > 0 ? [`meta nfproto ipv4 tcp sport { ${borrowed.join(", ")} } ${begins} ${add}`] : []),
    `meta nfproto ipv4 udp sport ${range} ${add}`,
    `ip protocol icmp icmp type echo-request add @${stage}_echo { ip saddr . ip daddr }`,
    `meta nfproto ipv6 meta l4proto { tcp, udp } th sport ${range} add @${stage}_ipv6 { meta l4proto . th sport . th dport }`,
  ];
};

/** What came for a port of the node itself, and was let pass to a pod: that is what its node was asked for. */
const handedOn = (() => {
  const add = "add @passed { meta l4proto . ip saddr . ct original ip daddr . th sport . ct original proto-dst }";
  const which = "meta nfproto ipv4 ct direction original ct status dnat";
  return [`${which} tcp sport ${range} ${begins} ${add}`, `${which} udp sport ${range} ${add}`];
})();

/** The command for nft that makes a host an observer, and a sender of what its means are. */
export function renderObserver(probes: readonly Pick<Probe, "sourcePort" | "means">[], borrowed: readonly number[]): string {
  const means = new Map(probes.flatMap(({ sourcePort, means: one }) => (one ? [[sourcePort, one] as const] : [])));
  return [
    renderRemoval,
    `table ${observerTable} {`,
    ...stages.flatMap(setsOf),
    // Before the first rule of all, and after the last.
    `chain before { type filter hook prerouting priority -450; ${rulesOf("reached", borrowed).join("; ")}; }`,
    `chain after { type filter hook input priority 450; ${rulesOf("passed", borrowed).join("; ")}; }`,
    `chain handed { type filter hook forward priority 450; ${handedOn.join("; ")}; }`,
    // After the kernel's own address translation.
    `chain out { type filter hook postrouting priority 450; ${[...means].flatMap(([port, one]) => rewrites(port, one)).join("")} }`,
    "}",
  ].join("\n");
}

const rewrites = (sourcePort: number, { forged, port }: Means): string[] =>
  ["tcp", "udp"].flatMap((protocol) => {
    const changes = [
      ...(forged === undefined ? [] : [`ip saddr set ${forged}`]),
      ...(port === undefined ? [] : [`${protocol} sport set ${port}`]),
    ];
    return changes.length > 0 ? [`${protocol} sport ${sourcePort} ${changes.join(" ")}; `] : [];
  });

export const renderRemoval = `add table ${observerTable}; delete table ${observerTable};`;

const value = z.union([z.string(), z.number()]);
const listing = z.object({
  nftables: z.array(
    z.object({ set: z.object({ name: z.string(), elem: z.array(z.object({ concat: z.array(value) })).default([]) }) }).partial(),
  ),
});

const protocols: Readonly<Record<string, string>> = { 6: "tcp", 17: "udp" };
const protocolName = (text: string): string => protocols[text] ?? text;

/** Keys of the packets that a host's observer wrote down, by stage, from what `nft --json list table` prints. */
export function readObserver(output: string): Record<Stage, Set<string>> {
  const seen = { reached: new Set<string>(), passed: new Set<string>() };
  for (const { set } of listing.parse(JSON.parse(output)).nftables)
    for (const stage of stages)
      for (const { concat } of set?.name.startsWith(stage) ? set.elem : []) {
        const [first = "", ...rest] = concat.map(String);
        if (set?.name === `${stage}_echo`) seen[stage].add(["icmp", first, ...rest].join(" "));
        else if (set?.name === `${stage}_ipv6`) seen[stage].add([protocolName(first), "ipv6", ...rest].join(" "));
        else {
          const [from = "", to = "", sourcePort = "", port = ""] = rest;
          const sender = Number(sourcePort) >= probePorts.pods && Number(sourcePort) <= probePorts.last ? anyPod : from;
          seen[stage].add([protocolName(first), sender, to, sourcePort, port].join(" "));
        }
      }
  return seen;
}
