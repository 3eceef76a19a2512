import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { runTool } from "../console/log.ts";
import { withPlatformLock } from "../deploy/exclusive.ts";
import { endProcesses, leftProcesses } from "../deploy/processes.ts";
import { answers, clientOf, daemonPlaces, stopDaemon } from "./daemon.ts";
import { unmountSmallDisks } from "./failover/small-disk.ts";
import { removeFirewall } from "./firewall.ts";
import { type Lab, labDirectory, labId, readLab } from "./instance.ts";
import { wake } from "./rest.ts";
import { readClaims, releaseSlot, supernetOf } from "./slots.ts";
import { removeAll } from "./strays.ts";
import { withLabLock } from "./up.ts";

type Say = (line: string) => void;

/**
 * Removes all that the lab made, whatever state it is in: it finds its things by its id, its slot and its directory, not by what a run
 * wrote down. What was cached stays, for the next lab.
 */
export async function takeDown(say: Say): Promise<void> {
  const platform = { name: "lab", project: { backend: backendOf(labDirectory()) } };
  // A run that deploys to this lab is waited for, then respected: it would make anew what is taken away.
  await withLabLock("taking the lab down", () => withPlatformLock(platform, "taking down", () => removeLab(say)));
}

async function removeLab(say: Say): Promise<void> {
  const id = labId();
  const directory = labDirectory(id);
  const lab = readLabAnyway(directory, say);
  const slot = lab?.slot ?? readClaims().find((claim) => claim.id === id)?.slot;
  const places = daemonPlaces(id, directory);
  if (lab === undefined && slot === undefined && !existsSync(directory) && !existsSync(places.run))
    return say(`lab ${id}: nothing is there`);

  await endLeftRuns(directory, say);
  await unmountSmallDisks(id);
  const dockerHost = lab?.dockerHost ?? `unix://${places.socket}`;
  if (await answers(dockerHost)) {
    if (lab) await wake(lab);
    await removeAll({ dockerHost, labId: id }, say);
  } else say(`${dockerHost}: does not answer; what it left is cleared without it`);
  if (lab?.engine === "given") await removeImages(lab, say);
  else if (await stopDaemon(places)) say("the lab's own Docker engine: ended");
  if (slot !== undefined) {
    await removeBridges(slot, say);
    await removeCables(slot, say);
    if (await removeFirewall(slot)) say("packet filter: the lab's rules are removed");
  }
  releaseSlot(id);
  rmSync(directory, { recursive: true, force: true });
  say(`${directory}: removed, with the lab's keys and the state of its stacks`);
}

/** As the engine is told where the states of the lab's stacks are. */
const backendOf = (directory: string): string => `file://${join(directory, "state")}`;

/** A record that can't be read is no reason to leave the lab behind. */
function readLabAnyway(directory: string, say: Say): Lab | undefined {
  try {
    return readLab(directory);
  } catch (error) {
    say((error as Error).message.split(";")[0] ?? "");
    return undefined;
  }
}

/** The processes of a run that was killed would write into a state that is gone. */
async function endLeftRuns(directory: string, say: Say): Promise<void> {
  const left = (): ReturnType<typeof leftProcesses> => leftProcesses(backendOf(directory));
  if (left().length === 0) return;
  say(
    `processes ${left()
      .map(({ pid }) => pid)
      .join(", ")} of a run that was killed: ending them`,
  );
  await endProcesses(left, 0);
}

/** In the user's own engine the images go, unless another lab's containers are made of them. */
async function removeImages(lab: Lab, say: Say): Promise<void> {
  if (!(await answers(lab.dockerHost))) return;
  for (const image of [lab.machineImage, lab.workerMachineImage, ...Object.values(lab.images)]) {
    try {
      await clientOf(lab.dockerHost).getImage(image).remove();
      say(`image ${image}: removed`);
    } catch (error) {
      const status = (error as { statusCode?: number }).statusCode;
      if (status === 409) say(`image ${image}: kept, containers of another lab use it`);
      else if (status !== 404) throw error;
    }
  }
}

/** Cables that an engine left when a container ended while it was started: both ends are on this machine. */
async function removeCables(slot: number, say: Say): Promise<void> {
  for (const name of looseCables(await runTool("ip", ["-json", "link", "show", "type", "veth"]), slot)) {
    await runTool("ip", ["link", "delete", "dev", name]);
    say(`cable ${name}: removed`);
  }
}

const linkShape = z.array(z.object({ ifname: z.string(), address: z.string() }).partial());

/** In the output of `ip -json link`: the engine gives a container's end 02:42 and its address, so the slot's are known by their beginning. Pure. */
export function looseCables(output: string, slot: number): string[] {
  const octets = supernetOf(slot).split(".").slice(0, 2);
  const ours = ["02", "42", ...octets.map((octet) => Number(octet).toString(16).padStart(2, "0")), ""].join(":");
  return linkShape
    .parse(JSON.parse(output || "[]"))
    .flatMap(({ ifname, address }) => (ifname && address?.startsWith(ours) ? [ifname] : []));
}

/** Bridges that an engine left when it was killed. */
async function removeBridges(slot: number, say: Say): Promise<void> {
  for (const name of readdirSync("/sys/class/net").filter((one) => one.startsWith(`td${slot}-`))) {
    await runTool("ip", ["link", "delete", "dev", name]);
    say(`bridge ${name}: removed`);
  }
}
