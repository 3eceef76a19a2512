import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before } from "node:test";
import { databaseCluster } from "../../../components/database/cluster.render.ts";
import type { Host } from "../../../environments/model/topology.ts";
import { afterAlways, whileUninterrupted } from "../../support/interrupted.ts";
import { writeConfiguration } from "./configuration.ts";
import * as it from "./nodes.ts";

// The one cluster of these tests: made before the first of them, taken down after the last.

/** A lab of its own beside the checkout's: set before the modules that read it are loaded. */
export const home = mkdtempSync(join(tmpdir(), "tandem-database-"));
process.env["XDG_STATE_HOME"] = home;
process.env["TANDEM_LAB_INSTANCE"] = `database-${process.pid}`;
const { checkout } = await import("../../../scripts/console/directories.ts");
const { clientOf } = await import("../../../scripts/lab/daemon.ts");
const { takeDown } = await import("../../../scripts/lab/down.ts");
const { ensureImage } = await import("../../../scripts/lab/images.ts");
const { labDirectory, labId, writeLab } = await import("../../../scripts/lab/instance.ts");
const { labTopology } = await import("../../../scripts/lab/machines.ts");
const { serviceImages } = await import("../../../scripts/lab/service-images.ts");
const { labUp } = await import("../../../scripts/lab/up.ts");

export let nodes: it.Nodes;
export let db1: Host;
export let db2: Host;
export let db3: Host;

before(async () => {
  // Also where the user has an engine: power failures are the test's own.
  writeLab({
    ...{ id: labId(), checkout, directory: labDirectory(), slot: 0, dockerHost: "", engine: "private", engineId: "" },
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
  });
  const lab = await whileUninterrupted(labUp);
  const docker = clientOf(lab.dockerHost);
  const { tag } = await ensureImage(docker, serviceImages.database, () => {});
  const topology = labTopology(lab);
  const [site] = topology.sites;
  const [zone] = site?.zones ?? [];
  assert.ok(site && zone);
  nodes = { docker, lab, image: tag, cluster: databaseCluster(topology, site), directory: join(home, "nodes") };
  [db1, db2, db3] = nodes.cluster.members as [Host, Host, Host];
  writeConfiguration(nodes);
  await it.makeStoragePlane(nodes, zone, db1);
  for (const host of nodes.cluster.members) await it.makeNode(nodes, host);
});

afterAlways(async () => {
  try {
    await takeDown(() => {});
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});

export const start = (...hosts: Host[]): Promise<unknown> =>
  Promise.all(hosts.map((host) => it.containerOf(nodes, host).start()));
/** A failure shows the end of each node's log, and of what else is given; its reason comes last, where a long text is read first. */
export const logged = async (work: () => Promise<void>, ...more: ((host: Host) => Promise<string>)[]): Promise<void> => {
  try {
    await work();
  } catch (error) {
    const sources = [(host: Host) => it.logOf(nodes, host), ...more];
    const logs = await Promise.all(sources.flatMap((logOf) => nodes.cluster.members.map(logOf)));
    throw new Error([...logs, (error as Error).message].join("\n"));
  }
};
