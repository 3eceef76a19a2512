import * as pulumi from "@pulumi/pulumi";
import type { Host } from "./host.ts";

/** What has to be there before: the other host's part, once it serves. */
export type Before = Promise<pulumi.Resource[]>;

/** Two hosts, or the one that is left, of which one holds addresses. */
export interface Pair {
  readonly hosts: readonly Host[];
  readonly addresses: readonly string[];
  /** Shell that prints which service of its host does not serve within a time in seconds, and nothing when all do. */
  readonly renderServes: (seconds: number) => string;
}

/** What was declared on each host of a pair. */
export type Declared<R extends pulumi.CustomResource> = ReadonlyMap<Host, readonly R[]>;

/**
 * Declares something on each host of a pair, on one after the other: the host that holds a VIP comes last, and only when the other one has
 * taken the change and serves. Who that is, is asked in every `up`; a preview takes the hosts in their order.
 */
export function holderLast<R extends pulumi.CustomResource>(
  pair: Pair,
  declare: (host: Host, before: Before) => readonly R[],
): Declared<R> {
  const declared = new Map<Host, readonly R[]>();
  const { hosts } = pair;
  const last = pulumi.runtime.isDryRun() ? Promise.resolve(hosts.at(-1)) : holderOf(pair);
  for (const host of hosts) {
    const before = async (): Before => {
      if (host !== (await last)) return [];
      const peers = [...declared].filter(([peer]) => peer !== host);
      if (!pulumi.runtime.isDryRun()) {
        await Promise.all(peers.flatMap(([, resources]) => resources.map(made)));
        // Where this host does not serve either, there is nothing to lose, and both may be repaired.
        if ((await missingOn(pair, host, 1)) === "") await Promise.all(peers.map(([peer]) => mustServe(pair, peer, host)));
      }
      return peers.flatMap(([, resources]) => [...resources]);
    };
    declared.set(host, declare(host, before()));
  }
  return declared;
}

/** Known when every host of the pair serves with what was declared; fails with who does not. Not asked in a preview. */
export function serving(pair: Pair, declared: Declared<pulumi.CustomResource>): pulumi.Output<undefined> {
  const ids = [...declared.values()].flatMap((resources) => resources.map(({ id }) => id));
  return pulumi.all(ids).apply(async () => {
    if (!pulumi.runtime.isDryRun()) await Promise.all([...declared.keys()].map((host) => mustServe(pair, host)));
    return undefined;
  });
}

/** The host that holds the first of the addresses that any holds; where none does, the last one. */
async function holderOf({ hosts, addresses }: Pair): Promise<Host | undefined> {
  const held = await Promise.all(hosts.map((host) => host.ask("ip -4 -oneline address show")));
  for (const address of addresses) {
    const index = held.findIndex((shown) => shown.includes(` ${address}/`));
    if (index >= 0) return hosts[index];
  }
  return hosts.at(-1);
}

const made = (resource: pulumi.CustomResource): Promise<void> =>
  new Promise((resolve) => void resource.id.apply(() => resolve()));

/** A container that was just made may take this long, in seconds. */
const patienceSeconds = 30;

async function mustServe(pair: Pair, host: Host, untouched?: Host): Promise<void> {
  const missing = await missingOn(pair, host, patienceSeconds);
  if (missing === "") return;
  const { name } = host.place;
  const kept = untouched ? `; ${untouched.place.name} was not touched` : "";
  throw new pulumi.RunError(
    `${name}: ${missing} does not run or answer after ${patienceSeconds} s${kept}; its log says why: docker logs ${host.containerName(missing)}`,
  );
}

/** The first service of a host that does not serve within a time in seconds; empty when both do. */
const missingOn = async ({ renderServes }: Pair, host: Host, seconds: number): Promise<string> =>
  (await host.ask(renderServes(seconds))).trim();
