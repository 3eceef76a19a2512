import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { serviceAccount } from "../../environments/model/service-account.ts";
import type { Host } from "../../environments/model/topology.ts";
import { UserError } from "../console/errors.ts";
import type { Step } from "../console/steps.ts";
import { containerName, engineOf, type Place, runAnywhere, runAsRoot } from "./reach.ts";
import { type Restored, readPages } from "./read.ts";

/** Of the control plane: they remember revisions that the restored database does not have. Stopped in this order. */
const clients = ["kube-scheduler", "kube-controller-manager", "kube-apiserver", "kine"] as const;
/** As the database's component: for the role to move and the server to write everything. */
const stopSeconds = 130;
const patienceSeconds = 600;

/**
 * Puts what a scratch server restored in the place of a site's database. Until the cluster has begun with it, the other nodes keep what they have.
 */
export function inPlaceSteps(place: Place, from: Host, { position }: Restored): Step[] {
  const others = place.members.filter((host) => host !== from);
  return [
    { title: "stop the control plane", run: () => each(place, place.controlPlane, clients, stop) },
    { title: "stop every node", run: () => each(place, place.members, ["database"], stop) },
    { title: `replace the data of ${from.name}`, run: () => replaceData(place, from, copyRestored) },
    {
      title: `begin the cluster on ${from.name}`,
      run: async (report) => {
        await runAsRoot(place, from, `umask 022; printf '%s\\n' '${position}' > /etc/tandem/database/beginning\n`);
        await each(place, [from], ["database"], start);
        await untilHealthy(place, [from], report);
        // It has done its work: it would be a decision that waits.
        await runAsRoot(place, from, "rm /etc/tandem/database/beginning\n");
        return undefined;
      },
    },
    {
      title: "let the other nodes get their data from it",
      run: async (report) => {
        for (const host of others) {
          await replaceData(place, host, emptied);
          await each(place, [host], ["database"], start);
          await untilHealthy(place, [host], report);
        }
        return undefined;
      },
    },
    { title: "start the control plane", run: () => each(place, place.controlPlane, clients.toReversed(), start) },
  ];
}

type Act = (place: Place, host: Host, service: string) => Promise<void>;

async function each(place: Place, hosts: readonly Host[], services: readonly string[], act: Act): Promise<undefined> {
  for (const service of services) await Promise.all(hosts.map((host) => act(place, host, service)));
}

const stop: Act = (place, host, service) =>
  unlessThere(
    engineOf(place, host)
      .getContainer(containerName(place, host, service))
      .stop({ t: stopSeconds }),
  );
const start: Act = (place, host, service) =>
  unlessThere(
    engineOf(place, host)
      .getContainer(containerName(place, host, service))
      .start(),
  );

/** The engine answers 304 where a container is already as it should be. */
async function unlessThere(asked: Promise<unknown>): Promise<void> {
  try {
    await asked;
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode !== 304) throw error;
  }
}

const emptied = "find /var/lib/mysql -mindepth 1 -delete";
const copyRestored = `test -d /var/lib/database-scratch/data/mysql && ${emptied} && cp -a /var/lib/database-scratch/data/. /var/lib/mysql/ && sync`;

/** Runs a script over a node's data, which nobody else has open: in a container of the database's image, as its account, without a network. */
async function replaceData(place: Place, host: Host, script: string): Promise<undefined> {
  const docker = engineOf(place, host);
  const { Image, State } = await docker.getContainer(containerName(place, host, "database")).inspect();
  if (State.Running) throw new UserError(`${host.name}: its database runs; nothing of its data was touched`);
  const volume = (service: string, target: string) => ({
    ...{ Type: "volume" as const, Source: `${containerName(place, host, service)}-data`, Target: target },
  });
  const output = new PassThrough();
  const said = text(output);
  const options = {
    Tty: true,
    Entrypoint: ["sh", "-c"],
    User: `${serviceAccount.id}:${serviceAccount.id}`,
    ...(place.lab && { Labels: { "tandem.lab": place.lab.id } }),
    HostConfig: {
      NetworkMode: "none",
      Mounts: [volume("database", "/var/lib/mysql"), volume("database-backup", "/var/lib/database-scratch")],
    },
  };
  const [result, container] = (await docker.run(Image, [script], output, options)) as [
    { StatusCode: number },
    { remove(): Promise<void> },
  ];
  await container.remove();
  output.end();
  if (result.StatusCode !== 0) throw new UserError(`${host.name}: its data could not be replaced: ${(await said).trim()}`);
}

async function untilHealthy(place: Place, hosts: readonly Host[], report: (line: string) => void): Promise<undefined> {
  const deadline = Date.now() + patienceSeconds * 1000;
  for (;;) {
    const nodes = readPages(await runAnywhere(place, "pages"));
    const bad = nodes.filter(({ host, healthy }) => !healthy && hosts.some(({ name }) => name === host));
    if (bad.length === 0) return;
    const why = bad.map(({ host, said }) => `${host}: ${said}`).join("; ");
    if (Date.now() > deadline) throw new UserError(`not healthy after ${patienceSeconds} s: ${why}`);
    report(why);
    await delay(1000);
  }
}
