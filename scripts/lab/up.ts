import { chmodSync, chownSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import pLimit from "p-limit";
import { passage } from "../../components/storage/ganesha.render.ts";
import { labNames } from "../../environments/model/lab.ts";
import { serviceAccount } from "../../environments/model/service-account.ts";
import type { Topology } from "../../environments/model/topology.ts";
import { checkout, privateDirectory } from "../console/directories.ts";
import { withLock } from "../console/lock.ts";
import { log } from "../console/log.ts";
import { type Report, runSteps, type Step } from "../console/steps.ts";
import { readPlatform } from "../deploy/platform.ts";
import { fileBackendEnv } from "../toolchain/backend.ts";
import { clientOf } from "./daemon.ts";
import { type Engine, ensureDocker } from "./docker.ts";
import { raiseFirewall } from "./firewall.ts";
import { ensureImage, type ImageOrigin, type ImageRecipe, imageOrigins } from "./images.ts";
import { type Lab, labDirectory, labId, labsDirectory, readLab, requireLab, writeLab } from "./instance.ts";
import { ensureKeys } from "./keys.ts";
import { machineImage } from "./machine-image.ts";
import { machineNetworks } from "./machine-networks.ts";
import { hostsOf, type LabContainer, labContainers, labTopology } from "./machines.ts";
import { checkMachine, type Wanted } from "./preflight.ts";
import { wake } from "./rest.ts";
import { type ServiceImage, serviceImages } from "./service-images.ts";
import { claimSlot, supernetOf } from "./slots.ts";
import { workerMachineImage } from "./worker-machine.ts";

/** Comes before all that costs time or leaves something. */
export const machineStep = (wanted: Wanted): Step => ({
  title: "the machine: rights, processors, memory, disk, kernel, addresses",
  run: () => checkMachine(wanted),
});

/** What the machine is given before the lab's stacks can be deployed; each step leaves alone what is there. */
export function groundSteps(signal?: AbortSignal): Step[] {
  const id = labId();
  const directory = labDirectory(id);
  const before = readLab(directory);
  let engine: Engine | undefined;
  let machineTags: MachineTags = { ordinary: "", worker: "" };
  let images: Lab["images"] = {};
  return [
    {
      title: "Docker engine",
      run: async (report) => {
        privateDirectory(directory);
        engine = await ensureDocker({ id, directory }, report, signal);
        return engine.outcome;
      },
    },
    {
      title: "machine images",
      run: async (report) => {
        const { user } = readPlatform("lab").topology.ssh;
        const docker = clientOf(engineOf(engine).dockerHost);
        const ordinary = await ensureImage(docker, machineImage(user), report, signal);
        const worker = await ensureImage(docker, workerMachineImage(user), report, signal);
        machineTags = { ordinary: ordinary.tag, worker: worker.tag };
        return countOrigins([ordinary.origin, worker.origin]);
      },
    },
    {
      title: "images of the services",
      run: async (report) => {
        const made = await ensureServiceImages(engineOf(engine), report, signal);
        images = made.images;
        return made.outcome;
      },
    },
    {
      title: "the lab's addresses, keys and packet filter",
      run: async () => {
        const lab = await ensureLab(engineOf(engine), machineTags, images);
        await raiseFirewall(lab.slot);
        return `lab ${lab.id}, ${supernetOf(lab.slot)}${before ? ", already there" : ""}`;
      },
    },
    { title: "machines that are there but off", run: () => startStopped(requireLab()) },
  ];
}

/** One after the other: each build uses all cores. */
async function ensureServiceImages(
  engine: Engine,
  report: Report,
  signal?: AbortSignal,
): Promise<{ images: Lab["images"]; outcome: string }> {
  const docker = clientOf(engine.dockerHost);
  const images: Partial<Record<ServiceImage, string>> = {};
  const origins: ImageOrigin[] = [];
  for (const [name, recipe] of Object.entries(serviceImages) as [ServiceImage, ImageRecipe][]) {
    const { tag, origin } = await ensureImage(docker, recipe, report, signal);
    images[name] = (await docker.getImage(tag).inspect()).Id;
    origins.push(origin);
  }
  return { images, outcome: countOrigins(origins) };
}

/** As in `7 from the cache, 1 built`. */
export function countOrigins(origins: readonly ImageOrigin[]): string {
  const counts = imageOrigins.map((origin) => [origins.filter((each) => each === origin).length, origin] as const);
  return counts
    .filter(([count]) => count > 0)
    .map(([count, origin]) => `${count} ${origin}`)
    .join(", ");
}

function engineOf(engine: Engine | undefined): Engine {
  if (!engine) throw new Error("the engine's step comes first");
  return engine;
}

/** Brings the machine to where some of the lab's stacks can be deployed. */
export async function labUp(signal?: AbortSignal): Promise<Lab> {
  await withLabLock("bringing the lab up", () => runSteps([machineStep("part"), ...groundSteps(signal)]));
  const lab = readLab();
  if (!lab) throw new Error("lab.json was not written");
  return lab;
}

/**
 * After the machine or its engine stopped, what the lab had is there but off: hosts first, then what shares their namespaces. What rested for a run
 * that was killed goes on.
 */
async function startStopped(lab: Lab): Promise<string> {
  const woken = await wake(lab);
  const all = await labContainers(lab);
  const off = all.filter(({ state }) => state !== "running");
  const engine = clientOf(lab.dockerHost);
  const limit = pLimit(4);
  // One that can't start is the deployment's to replace.
  const startOne = async ({ id, name }: LabContainer): Promise<void> => {
    try {
      await engine.getContainer(id).start();
    } catch (error) {
      log(`${name}: does not start: ${(error as Error).message}`);
    }
  };
  const start = (containers: readonly LabContainer[]): Promise<unknown> =>
    Promise.all(containers.map((container) => limit(() => startOne(container))));
  await start(off.filter(({ isMachine }) => isMachine));
  await start(off.filter(({ isMachine }) => !isMachine));
  if (off.length > 0) return `${off.length} of ${all.length} started`;
  if (woken > 0) return `${woken} of ${all.length} rested and go on`;
  return all.length > 0 ? `none, all ${all.length} run` : "none yet";
}

/** Two commands on the same lab wait for each other. */
export const withLabLock = <T>(purpose: string, work: () => Promise<T>): Promise<T> =>
  withLock(join(labsDirectory(), `${labId()}.lock`), purpose, 60, work);

/** Tags of the images that machines are made from. */
export interface MachineTags {
  readonly ordinary: string;
  readonly worker: string;
}

const imageId = async (engine: Engine, tag: string): Promise<string> =>
  (await clientOf(engine.dockerHost).getImage(tag).inspect()).Id;

/** The lab's record, address range and keys; what is there stays. */
export async function ensureLab(engine: Engine, tags: MachineTags, images: Lab["images"]): Promise<Lab> {
  const id = labId();
  const directory = privateDirectory(labDirectory(id));
  const before = readLab(directory);
  const slot = await claimSlot({ id, checkout, directory }, await machineNetworks());
  const topology = labTopology({ slot });
  const { user, port } = topology.ssh;
  ensureKeys(directory, hostsOf(topology), port);
  ensureTrees(directory, topology);
  fileBackendEnv(directory);
  const lab: Lab = {
    id,
    checkout,
    directory,
    slot,
    dockerHost: engine.dockerHost,
    engineId: engine.id,
    image: await imageId(engine, tags.ordinary),
    workerImage: await imageId(engine, tags.worker),
    engine: engine.kind,
    machineImage: tags.ordinary,
    workerMachineImage: tags.worker,
    images,
    sshUser: user,
    sshPort: port,
    createdAt: before?.createdAt ?? new Date().toISOString(),
  };
  if (!existsSync(join(directory, "lab.json")) || JSON.stringify(before) !== JSON.stringify(lab)) writeLab(lab);
  return lab;
}

/** Of each site's NAS, a directory a zone: its server's data, and what stands for NFS on the zone's nodes. */
function ensureTrees(directory: string, { sites }: Topology): void {
  for (const { site, name } of sites.flatMap(({ zones }) => zones)) {
    const tree = join(directory, labNames.nasTree(site, name));
    if (existsSync(tree)) continue;
    mkdirSync(tree, { recursive: true });
    chmodSync(tree, Number.parseInt(passage.mode, 8));
    chownSync(tree, serviceAccount.id, serviceAccount.id);
  }
}
