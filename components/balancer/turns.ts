import * as pulumi from "@pulumi/pulumi";
import type { Vip } from "../../environments/model/topology.ts";
import type { Host } from "../host/host.ts";
import { renderServes } from "./scripts.render.ts";

/** What has to be there before: the other host's part, once it serves. */
export type Before = Promise<pulumi.Resource[]>;

/** What was declared on each host of a pair. */
export type Declared<R extends pulumi.CustomResource> = ReadonlyMap<Host, readonly R[]>;

/**
 * Declares something on each host of a pair, on one after the other: the host that holds a VIP comes last, and only when the other one has
 * taken the change and serves. Who that is, is asked in every `up`; a preview takes the hosts in their order.
 */
export function holderLast<R extends pulumi.CustomResource>(
  hosts: readonly Host[],
  vips: readonly Vip[],
  declare: (host: Host, before: Before) => readonly R[],
): Declared<R> {
  const declared = new Map<Host, readonly R[]>();
  const last = pulumi.runtime.isDryRun() ? Promise.resolve(hosts.at(-1)) : holderOf(hosts, vips);
  for (const host of hosts) {
    const before = async (): Before => {
      if (host !== (await last)) return [];
      const peers = [...declared].filter(([peer]) => peer !== host);
      if (!pulumi.runtime.isDryRun()) {
        await Promise.all(peers.flatMap(([, resources]) => resources.map(made)));
        // Where this host does not serve either, there is nothing to lose, and both may be repaired.
        if ((await missingOn(host, 1)) === "") await Promise.all(peers.map(([peer]) => mustServe(peer, host)));
      }
      return peers.flatMap(([, resources]) => [...resources]);
    };
    declared.set(host, declare(host, before()));
  }
  return declared;
}

/** Known when every host of the pair serves with what was declared; fails with who does not. Not asked in a preview. */
export function serving(declared: Declared<pulumi.CustomResource>): pulumi.Output<undefined> {
  const ids = [...declared.values()].flatMap((resources) => resources.map(({ id }) => id));
  return pulumi.all(ids).apply(async () => {
    if (!pulumi.runtime.isDryRun()) await Promise.all([...declared.keys()].map((host) => mustServe(host)));
    return undefined;
  });
}

/** The host that holds the first of the VIPs that any holds; where none does, the last one. */
async function holderOf(hosts: readonly Host[], vips: readonly Vip[]): Promise<Host | undefined> {
  const held = await Promise.all(hosts.map((host) => host.ask("ip -4 -oneline address show")));
  for (const { address } of vips) {
    const index = held.findIndex((addresses) => addresses.includes(` ${address}/`));
    if (index >= 0) return hosts[index];
  }
  return hosts.at(-1);
}

const made = (resource: pulumi.CustomResource): Promise<void> =>
  new Promise((resolve) => void resource.id.apply(() => resolve()));

/** A container that was just made may take this long, in seconds. */
const patienceSeconds = 30;

async function mustServe(host: Host, untouched?: Host): Promise<void> {
  const missing = await missingOn(host, patienceSeconds);
  if (missing === "") return;
  const { name } = host.place;
  const kept = untouched ? `; ${untouched.place.name} was not touched` : "";
  throw new pulumi.RunError(
    `${name}: ${missing} does not run or answer after ${patienceSeconds} s${kept}; its log says why: docker logs ${host.containerName(missing)}`,
  );
}

/** The first service of a host that does not serve within a time in seconds; empty when both do. */
const missingOn = async (host: Host, seconds: number): Promise<string> => (await host.ask(renderServes(seconds))).trim();
