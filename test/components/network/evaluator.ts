// A small reader of rule sets, written from nftables' documentation and not from what renders ours: it says what happens to the first packet of a
// connection. What it does not know it refuses.

export interface Packet {
  readonly in: string;
  /** Absent for a packet to the machine itself. */
  readonly out?: string;
  readonly source: string;
  readonly destination: string;
  readonly protocol: "tcp" | "udp" | "icmp" | "vrrp";
  readonly port: number;
  /** What it was for before a service's port of the node sent it on. */
  readonly original?: { readonly destination: string; readonly port: number };
}

const protocolNumbers = { icmp: 1, tcp: 6, udp: 17, vrrp: 112 } as const;

export type Verdict = "accept" | "drop";

interface Chain {
  readonly hook?: string;
  readonly policy?: Verdict;
  readonly rules: readonly string[];
}

export interface RuleSet {
  readonly sets: ReadonlyMap<string, readonly string[]>;
  readonly chains: ReadonlyMap<string, Chain>;
}

export function readRules(text: string): RuleSet {
  const sets = new Map<string, readonly string[]>();
  const chains = new Map<string, Chain>();
  const body = text.slice(text.indexOf("{\n") + 2, text.lastIndexOf("}"));
  for (const [, kind, name = "", content = ""] of body.matchAll(/^ {2}(set|chain) (\w+) \{\n([\s\S]*?)^ {2}\}$/gm)) {
    const lines = content
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line !== "");
    if (kind === "set") {
      const [, list = ""] = /elements = \{ (.*) \}/.exec(content) ?? [];
      sets.set(name, list.split(", "));
      continue;
    }
    const [, hook, policy] = /^type filter hook (\w+) priority \w+; policy (\w+);$/.exec(lines[0] ?? "") ?? [];
    chains.set(name, hook ? { hook, policy: policy as Verdict, rules: lines.slice(1) } : { rules: lines });
  }
  return { sets, chains };
}

/** What all chains that the packet passes make of it. */
export function verdictOn(rules: RuleSet, packet: Packet): Verdict {
  const { original, out: _, ...arriving } = packet;
  const first: Packet = { ...arriving, ...original };
  for (const [hook, now] of [["prerouting", first] as const, [packet.out === undefined ? "input" : "forward", packet] as const])
    for (const chain of rules.chains.values())
      if (chain.hook === hook && (run(rules, chain, now) ?? chain.policy) === "drop") return "drop";
  return "accept";
}

function run(rules: RuleSet, chain: Chain, packet: Packet): Verdict | undefined {
  for (const rule of chain.rules) {
    const words = [...tokens(rule)];
    let matches = true;
    let verdict: Verdict | undefined;
    while (words.length > 0 && matches) {
      const word = words.shift() ?? "";
      if (word === "accept" || word === "drop") verdict = word;
      else if (word === "goto") {
        const target = rules.chains.get(words.shift() ?? "");
        if (!target) throw new Error(`no such chain: ${rule}`);
        verdict = run(rules, target, packet);
      } else if (word === "counter") continue;
      else if (word === "comment" || word === "prefix" || word === "group") words.shift();
      else if (word === "limit") words.splice(0, 5);
      else if (word === "log") continue;
      else matches = condition(rules, packet, word, words, rule);
    }
    if (matches && verdict) return verdict;
  }
  return undefined;
}

/** The same rules and addresses meet many packets. */
function remembering<T>(read: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const found = known.get(text) ?? read(text);
    known.set(text, found);
    return found;
  };
}

const tokens = remembering((rule): readonly string[] => rule.match(/\{[^}]*\}|"[^"]*"|\S+/g) ?? []);
const listed = remembering((text): readonly string[] => text.replace(/^\{ | \}$/g, "").split(", "));
const bits = remembering((address) =>
  address
    .split(".")
    .map((part) => Number(part).toString(2).padStart(8, "0"))
    .join(""),
);

function condition({ sets }: RuleSet, packet: Packet, word: string, words: string[], rule: string): boolean {
  const operand = (): ((value: string) => boolean) => {
    const isNot = words[0] === "!=";
    if (isNot) words.shift();
    const text = words.shift() ?? "";
    const named = sets.get(text.slice(1));
    if (text.startsWith("@") && !named) throw new Error(`no such set: ${rule}`);
    const values = named ?? listed(text);
    return (value) => values.some((one) => holds(one, value)) !== isNot;
  };
  const second = (): string => words.shift() ?? "";
  switch (word) {
    case "iifname":
      return operand()(packet.in);
    case "oifname":
      return operand()(packet.out ?? "none");
    case "meta": {
      const key = second();
      if (key === "l4proto") return operand()(packet.protocol);
      if (key !== "nfproto") throw new Error(`not known: ${rule}`);
      return second() === "ipv4";
    }
    case "ct":
      return connection(packet, second(), words, operand, rule);
    case "ip": {
      const field = second();
      if (field === "saddr") return operand()(packet.source);
      if (field === "daddr") return operand()(packet.destination);
      if (field === "protocol") return operand()(String(protocolNumbers[packet.protocol]));
      throw new Error(`not known: ${rule}`);
    }
    case "icmp":
      return `${second()} ${second()}` === "type echo-request" && packet.protocol === "icmp";
    case "tcp":
    case "udp": {
      const field = second();
      const is = operand();
      if (packet.protocol !== word) return false;
      // A client's own port is none that a service has.
      return is(field === "dport" ? String(packet.port) : "50000");
    }
    default:
      throw new Error(`not known: ${word} in ${rule}`);
  }
}

function connection(
  { original }: Packet,
  key: string,
  words: string[],
  operand: () => (value: string) => boolean,
  rule: string,
): boolean {
  const second = (): string => words.shift() ?? "";
  if (key === "original") {
    const field = second();
    if (field === "ip" && second() === "daddr") return operand()(original?.destination ?? "none");
    if (field === "proto-dst") return operand()(String(original?.port));
  } else {
    const state = `${key} ${second()}`;
    if (state === "status dnat") return original !== undefined;
    // The first packet of a connection is new, and nothing else.
    if (/^state (established,related|invalid)$/.test(state)) return false;
  }
  throw new Error(`not known: ${rule}`);
}

function holds(pattern: string, value: string): boolean {
  const [, low, high] = /^(\d+)-(\d+)$/.exec(pattern) ?? [];
  if (low !== undefined) return Number(value) >= Number(low) && Number(value) <= Number(high);
  const [, start] = /^"(.*)\*"$/.exec(pattern) ?? [];
  if (start !== undefined) return value.startsWith(start);
  if (!/^[\d.]+(\/\d+)?$/.test(pattern) || !value.includes(".")) return pattern === value;
  const [network = "", length = "32"] = pattern.split("/");
  return bits(network).slice(0, Number(length)) === bits(value).slice(0, Number(length));
}
