import { spareMib } from "../../../components/database/cluster.render.ts";
import { labNames } from "../../../environments/model/lab.ts";
import type { Host } from "../../../environments/model/topology.ts";
import { UserError } from "../../console/errors.ts";
import { log } from "../../console/log.ts";
import { clientOf } from "../daemon.ts";
import type { Lab } from "../instance.ts";
import { setLink } from "../links.ts";
import { findCable, findHost, labTopology } from "../machines.ts";
import { powerOff, powerOn } from "../power.ts";
import { runIn } from "../run-in.ts";
import { type Action, describe, type Processes } from "./actions.ts";
import { fillDisk, freeDisk, restoreDisk, shrinkDisk } from "./small-disk.ts";

const stopSeconds = 60;

/** Does what an action says to the lab's hosts. */
export async function perform(lab: Lab, hosts: readonly Host[], action: Action): Promise<void> {
  log(describe(action));
  const host = findHost(hosts, action.host);
  switch (action.kind) {
    case "kill":
      return await signal(lab, host, action.processes, "SIGKILL");
    case "hang":
      return await signal(lab, host, action.processes, "SIGSTOP");
    case "continue":
      return await signal(lab, host, action.processes, "SIGCONT");
    case "stop":
      return await whenChanged(() => serviceOf(lab, host, action.service).stop({ t: stopSeconds }));
    case "start":
      return await whenChanged(() => serviceOf(lab, host, action.service).start());
    case "cut":
      return void (await setLink(lab, host, findCable(labTopology(lab), host, action.cable), "down"));
    case "heal":
      return void (await setLink(lab, host, findCable(labTopology(lab), host, action.cable), "up"));
    case "power-off":
      return void (await powerOff(lab, host));
    case "power-on":
      return void (await powerOn(lab, host));
    case "separate":
      return void (await runIn(lab, machineOf(lab, host), ["nft", renderSeparation(findHost(hosts, action.from))]));
    case "join":
      return void (await runIn(lab, machineOf(lab, host), ["nft", `add table ${table}; delete table ${table}`]));
    case "shrink-disk":
      return await shrinkDisk(serviceOf(lab, host, "database"));
    case "restore-disk":
      return await restoreDisk(serviceOf(lab, host, "database"));
    case "fill-disk":
      return await fillDisk(serviceOf(lab, host, "database"), Math.floor(spareMib(host) / 2));
    case "free-disk":
      return await freeDisk(serviceOf(lab, host, "database"));
  }
}

export const machineOf = (lab: Pick<Lab, "id">, host: Host): string => labNames.container(lab.id, host.name);
export const serviceName = (lab: Pick<Lab, "id">, host: Host, service: string): string => `${machineOf(lab, host)}-${service}`;

const serviceOf = (lab: Lab, host: Host, service: string) =>
  clientOf(lab.dockerHost).getContainer(serviceName(lab, host, service));

/** The engine answers 304 where a container is as wanted already. */
async function whenChanged(act: () => Promise<unknown>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode !== 304) throw error;
  }
}

const table = "inet tandem-drill";

/** Rules that let nothing pass between a host and another one, in any plane: a table of their own, asked before all others. */
export function renderSeparation(other: Host): string {
  const addresses = `{ ${Object.values(other.addresses).join(", ")} }`;
  return [
    `add table ${table}; delete table ${table};`,
    `table ${table} {`,
    `  chain input { type filter hook input priority -400; ip saddr ${addresses} drop; }`,
    `  chain output { type filter hook output priority -400; ip daddr ${addresses} drop; }`,
    "}",
  ].join("\n");
}

export interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

async function signal(lab: Lab, host: Host, processes: Processes, name: NodeJS.Signals): Promise<void> {
  const found = chosen(await processesOf(lab, host, processes.service), processes);
  if (found.length === 0)
    throw new UserError(
      `${host.name}: no process ${processes.name} runs in the container of ${processes.service}; look: npm run lab -- status`,
    );
  for (const { pid } of found) process.kill(pid, name);
}

async function processesOf(lab: Lab, host: Host, service: string): Promise<Process[]> {
  const list = (await serviceOf(lab, host, service).top({ ps_args: "-eo pid,ppid,comm" })) as { Processes: string[][] };
  return list.Processes.map(([pid, parent, command = ""]) => ({ pid: Number(pid), parent: Number(parent), command }));
}

/** The kernel keeps 15 characters of a process's name; the database's server is called by its product's name or by its old one. */
export function chosen(all: readonly Process[], { name, which }: Processes): Process[] {
  const names = (name === "mysqld" ? ["mysqld", "mariadbd"] : [name]).map((one) => one.slice(0, 15));
  const named = all.filter(({ command }) => names.includes(command));
  const isChild = ({ parent }: Process): boolean => named.some(({ pid }) => pid === parent);
  if (which === undefined) return named;
  return named.filter((process) => isChild(process) === (which === "children"));
}
