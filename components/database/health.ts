import { setTimeout as delay } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import { databasePorts } from "../../environments/model/ports.ts";
import type { Host } from "../host/host.ts";

/** Longest time in seconds that nodes may take to be healthy: one that lost its data gets all of them from another. */
const patienceSeconds = 600;

/** Returns when all nodes are healthy; fails with what the others say. Each is asked on its own host. Not to be called in a preview. */
export async function allHealthy(hosts: readonly Host[]): Promise<void> {
  const deadline = Date.now() + patienceSeconds * 1000;
  for (let said = ""; ; await delay(1000)) {
    const answers = await Promise.all(hosts.map(async (host) => ({ host, reason: await reasonOf(host) })));
    const bad = answers.flatMap(({ host, reason }) => (reason === "" ? [] : [`${host.place.name}: ${reason}`]));
    if (bad.length === 0) return;
    if (Date.now() > deadline)
      throw new pulumi.RunError(
        `the database is not healthy after ${patienceSeconds} s, so nothing more of it is touched: ${bad.join("; ")}. Mend it and run up again.`,
      );
    const says = bad.join("; ");
    if (says !== said) await pulumi.log.info(`waiting for the database: ${says}`, undefined, undefined, true);
    said = says;
  }
}

/** Why a node is not healthy; empty when it is. */
async function reasonOf(host: Host): Promise<string> {
  const page = `http://${host.place.addresses.storage}:${databasePorts.health}/`;
  try {
    const said = await host.ask(`curl --silent --max-time 5 --write-out '%{http_code}' ${page} || true\n`);
    const code = said.slice(-3);
    return code === "200" ? "" : said.slice(0, -3).trim() || "its health page does not answer";
  } catch (error) {
    return (error as Error).message;
  }
}
