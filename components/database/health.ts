import { setTimeout as delay } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import { databasePorts } from "../../environments/model/ports.ts";
import type { Host } from "../host/host.ts";

/** In seconds. */
const usual = {
  /** Longest time that nodes may take to be healthy: one that lost its data gets all of them from another. */
  patience: 600,
  /** How long nothing may have listened, without a break: where an engine starts a server again, its page comes first. */
  down: 30,
  /** Between two questions. */
  pause: 1,
} as const;
type Seconds = { readonly [K in keyof typeof usual]: number };

/**
 * Returns when all nodes are healthy; fails with what the others say. Each is asked on its own host. Not to be called in a preview.
 *
 * @param repairable nodes that this run has yet to come to: one whose host answers and whose server does not run may be what a run left that was killed
 *   between stopping a server and starting its successor, and is no reason to wait
 */
export async function allHealthy(
  hosts: readonly Host[],
  repairable: readonly Host[] = [],
  seconds: Seconds = usual,
): Promise<void> {
  const began = Date.now();
  const secondsSince = (time: number): number => (Date.now() - time) / 1000;
  const downSince = new Map<Host, number>();
  for (let said = ""; ; await delay(seconds.pause * 1000)) {
    const answers = await Promise.all(
      [...hosts, ...repairable].map(async (host) => {
        const { reason, isDown } = await wordOf(host);
        const since = downSince.get(host) ?? Date.now();
        if (isDown) downSince.set(host, since);
        else downSince.delete(host);
        const mayBeAway = isDown && repairable.includes(host) && secondsSince(since) > seconds.down;
        return { name: host.place.name, reason, mayBeAway };
      }),
    );
    const unwell = answers.filter(({ reason }) => reason !== "");
    const bad = unwell.filter(({ mayBeAway }) => !mayBeAway);
    const says = (some: typeof unwell): string => some.map(({ name, reason }) => `${name}: ${reason}`).join("; ");
    if (bad.length === 0) {
      if (unwell.length > 0)
        await pulumi.log.warn(
          `the database goes on without ${says(unwell)}: its server does not run, and this run may be its repair`,
        );
      return;
    }
    if (secondsSince(began) > seconds.patience)
      throw new pulumi.RunError(
        `the database is not healthy after ${seconds.patience} s, so nothing more of it is touched: ${says(bad)}. Mend it and run up again.`,
      );
    if (says(bad) !== said) await pulumi.log.info(`waiting for the database: ${says(bad)}`, undefined, undefined, true);
    said = says(bad);
  }
}

/**
 * Returns when a node may be touched: those before it in the order, which this run has changed, and those after it are healthy. Not to be called in a
 * preview. The first node is not kept from its repair: where it doesn't serve, there is nothing to lose.
 *
 * @param isMade whether the cluster was recorded as made. Until then nodes come up one after the other, and none serves before all have come; one that
 *   serves shows that an `up` which failed later has made it.
 */
export async function othersHealthy(
  nodes: readonly Host[],
  node: Host,
  isMade: boolean,
  seconds: Seconds = usual,
): Promise<void> {
  const place = nodes.indexOf(node);
  if (place === 0 && !(await anyServes([node]))) return;
  if (!isMade && !(await anyServes(nodes))) return;
  await allHealthy(nodes.slice(0, place), nodes.slice(place + 1), seconds);
}

const anyServes = async (hosts: readonly Host[]): Promise<boolean> =>
  (await Promise.all(hosts.map(wordOf))).some(({ reason }) => reason === "");

interface Word {
  /** Why a node is not healthy; empty when it is. */
  readonly reason: string;
  /** Its host answers, and nothing listens there. Where a server hangs, its page says so or gives no answer. */
  readonly isDown: boolean;
}

/** https://curl.se/docs/manpage.html, EXIT CODES; one that gets no answer in time ends with 28. */
const couldNotConnect = "7";

async function wordOf(host: Host): Promise<Word> {
  const page = `http://${host.place.addresses.storage}:${databasePorts.health}/`;
  try {
    const said = await host.ask(`curl --silent --max-time 5 --write-out '%{http_code}' ${page}; echo " $?"\n`);
    const [, words = "", code, exit] = /^(.*?)(\d{3}) (\d+)$/s.exec(said.trim()) ?? [];
    if (code === "200") return { reason: "", isDown: false };
    return { reason: words.trim() || "its health page does not answer", isDown: exit === couldNotConnect };
  } catch (error) {
    return { reason: (error as Error).message, isDown: false };
  }
}
