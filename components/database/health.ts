import { setTimeout as delay } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import { databasePorts } from "../../environments/model/ports.ts";
import type { Host } from "../host/host.ts";

/** In seconds. */
const usual = {
  /** Longest time that nodes may take to be healthy: one that lost its data gets all of them from another. */
  patience: 600,
  /** In which a server that its engine starts again would say something. */
  silence: 30,
  /** Between two questions. */
  pause: 1,
} as const;

/**
 * Returns when all nodes are healthy; fails with what the others say. Each is asked on its own host. Not to be called in a preview.
 *
 * @param repairable nodes that this run has yet to come to: one whose host answers and whose server does not run may be what a run left that was killed
 *   between stopping a server and starting its successor, and is no reason to wait
 */
export async function allHealthy(
  hosts: readonly Host[],
  repairable: readonly Host[] = [],
  seconds: { readonly [K in keyof typeof usual]: number } = usual,
): Promise<void> {
  const began = Date.now();
  const secondsSince = (): number => (Date.now() - began) / 1000;
  for (let said = ""; ; await delay(seconds.pause * 1000)) {
    const answers = await Promise.all(
      [...hosts, ...repairable].map(async (host) => ({
        name: host.place.name,
        may: repairable.includes(host),
        ...(await wordOf(host)),
      })),
    );
    const unwell = answers.filter(({ reason }) => reason !== "");
    const bad = unwell.filter(({ may, isSilent }) => !(may && isSilent && secondsSince() > seconds.silence));
    const says = (some: typeof unwell): string => some.map(({ name, reason }) => `${name}: ${reason}`).join("; ");
    if (bad.length === 0) {
      if (unwell.length > 0)
        await pulumi.log.warn(
          `the database goes on without ${says(unwell)}: its server does not run, and this run may be its repair`,
        );
      return;
    }
    if (secondsSince() > seconds.patience)
      throw new pulumi.RunError(
        `the database is not healthy after ${seconds.patience} s, so nothing more of it is touched: ${says(bad)}. Mend it and run up again.`,
      );
    if (says(bad) !== said) await pulumi.log.info(`waiting for the database: ${says(bad)}`, undefined, undefined, true);
    said = says(bad);
  }
}

interface Word {
  /** Why a node is not healthy; empty when it is. */
  readonly reason: string;
  /** Its host answers, and nobody there speaks for the server. */
  readonly isSilent: boolean;
}

async function wordOf(host: Host): Promise<Word> {
  const page = `http://${host.place.addresses.storage}:${databasePorts.health}/`;
  try {
    const said = await host.ask(`curl --silent --max-time 5 --write-out '%{http_code}' ${page} || true\n`);
    const code = said.slice(-3);
    const words = said.slice(0, -3).trim();
    if (code === "200") return { reason: "", isSilent: false };
    return { reason: words || "its health page does not answer", isSilent: words === "" };
  } catch (error) {
    return { reason: (error as Error).message, isSilent: false };
  }
}
