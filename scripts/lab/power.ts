import type { Host } from "../../environments/model/topology.ts";
import { UserError } from "../console/errors.ts";
import { clientOf } from "./daemon.ts";
import type { Lab } from "./instance.ts";
import { type LabContainer, labContainers } from "./machines.ts";
import { greets } from "./ssh.ts";
import { waitFor } from "./wait.ts";

const offSeconds = 20;
const sshSeconds = 60;

/** Power failure: the machine dies at once, and with it all that shares its process namespace. Returns how many containers that were. */
export async function powerOff(lab: Lab, host: Host): Promise<number> {
  const { machine, all } = await containersOf(lab, host);
  const running = all.filter((container) => container.state === "running");
  if (machine.state !== "running") return 0;
  await clientOf(lab.dockerHost).getContainer(machine.id).kill();
  const dead = async (): Promise<boolean> => (await containersOf(lab, host)).all.every(({ state }) => state !== "running");
  if (!(await waitFor(dead, offSeconds)))
    throw new UserError(`${host.name}: parts of it still run ${offSeconds} s after its power was cut`);
  return running.length;
}

/** Power is back: the machine first, then its services, and SSH answers. Returns how many containers were started. */
export async function powerOn(lab: Lab, host: Host): Promise<number> {
  const { machine, all } = await containersOf(lab, host);
  const docker = clientOf(lab.dockerHost);
  // Only a service's start joins it to the namespaces that its machine has now.
  const start =
    machine.state === "running"
      ? all.filter(({ state }) => state !== "running")
      : [machine, ...all.filter((one) => one !== machine)];
  for (const container of start) await docker.getContainer(container.id).start();
  if (!(await waitFor(() => greets(host, lab.sshPort, 2), sshSeconds)))
    throw new UserError(
      `${host.name}: SSH does not answer on ${host.addresses.management}:${lab.sshPort} after ${sshSeconds} s. ` +
        `Its management plane may be cut: npm run lab -- heal ${host.name} management`,
    );
  return start.length;
}

/** The machine of a host and its services; a lab without that machine is not up. */
export async function containersOf(lab: Lab, host: Host): Promise<{ machine: LabContainer; all: LabContainer[] }> {
  const all = (await labContainers(lab)).filter((container) => container.host === host.name);
  const machine = all.find((container) => container.isMachine);
  if (!machine) throw new UserError(`${host.name}: the lab has no such machine yet; run: npm run lab -- up`);
  return { machine, all };
}
