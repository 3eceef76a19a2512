import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before } from "node:test";
import type { Host, Timings, Zone } from "../../../environments/model/topology.ts";
import { afterAlways } from "../../support/interrupted.ts";
import * as it from "./pair.ts";
import { startServers, type TestServers } from "./servers.ts";

// The one pair of these tests: made before the first of them, taken down after the last.

/** A lab of its own beside the checkout's: set before the modules that read it are loaded. */
const home = mkdtempSync(join(tmpdir(), "tandem-balancer-"));
process.env["XDG_STATE_HOME"] = home;
process.env["TANDEM_LAB_INSTANCE"] = `balancer-${process.pid}`;
const { checkout, privateDirectory } = await import("../../../scripts/console/directories.ts");
const { clientOf } = await import("../../../scripts/lab/daemon.ts");
const { ensureDocker } = await import("../../../scripts/lab/docker.ts");
const { takeDown } = await import("../../../scripts/lab/down.ts");
const { ensureImage } = await import("../../../scripts/lab/images.ts");
const { labDirectory, labId, writeLab } = await import("../../../scripts/lab/instance.ts");
const { machineImage } = await import("../../../scripts/lab/machine-image.ts");
const { machineNetworks } = await import("../../../scripts/lab/machine-networks.ts");
const { labTopology } = await import("../../../scripts/lab/machines.ts");
const { serviceImages } = await import("../../../scripts/lab/service-images.ts");
const { claimSlot } = await import("../../../scripts/lab/slots.ts");

export let pair: it.Pair;
export let servers: TestServers;
export let zone: Zone;
export let timings: Timings;
export let lb1: Host;
export let lb2: Host;

before(async () => {
  const [id, directory] = [labId(), privateDirectory(labDirectory())];
  const slot = await claimSlot({ id, checkout, directory }, await machineNetworks());
  const lab = {
    // Also where the user has an engine: power failures are the test's own.
    ...{ id, checkout, directory, slot, dockerHost: "", engine: "private" as const, engineId: "" },
    ...{
      machineImage: "",
      image: "",
      workerMachineImage: "",
      workerImage: "",
      images: {},
      sshUser: "",
      sshPort: 22,
      createdAt: new Date().toISOString(),
    },
  };
  writeLab(lab);
  const engine = await ensureDocker({ id, directory }, () => {});
  writeLab({ ...lab, dockerHost: engine.dockerHost, engineId: engine.id });
  const docker = clientOf(engine.dockerHost);
  const image = async (recipe: Parameters<typeof ensureImage>[1]) => (await ensureImage(docker, recipe, () => {})).tag;
  const topology = labTopology({ slot });
  const [found] = topology.sites[0]?.zones ?? [];
  assert.ok(found);
  zone = found;
  timings = topology.timings;
  [lb1, lb2] = zone.hosts.filter(({ role }) => role === "balancer") as [Host, Host];
  pair = {
    ...{ docker, zone, timings, lab: { id, slot }, directory: join(home, "pair"), hosts: [lb1, lb2] },
    images: {
      machine: await image(machineImage("tandem")),
      haproxy: await image(serviceImages.haproxy),
      keepalived: await image(serviceImages.keepalived),
    },
  };
  await it.makePlanes(pair);
  servers = await startServers(join(home, "servers"), zone);
  for (const host of pair.hosts) await it.makeHost(pair, host, servers.authority);
});

afterAlways(async () => {
  try {
    servers?.stop();
    await takeDown(() => {});
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});

/** A failure shows the end of each container's log. */
export const logged = async (work: () => Promise<void>): Promise<void> => {
  try {
    await work();
  } catch (error) {
    // The reason last, where a long text is read first.
    throw new Error(`${await it.logs(pair)}\n${(error as Error).message}`, { cause: error });
  }
};
