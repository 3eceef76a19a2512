import { chownSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type Docker from "dockerode";
import { databasePaths } from "../../../components/database/cluster.render.ts";
import { serviceAccount } from "../../../environments/model/service-account.ts";
import type { Host } from "../../../environments/model/topology.ts";
import * as it from "./nodes.ts";

// The backup containers beside the nodes, as their component makes them; a directory stands for the site's NAS.

const nameOf = (nodes: it.Nodes, host: Host): string => `${it.nameOf(nodes, host)}-backup`;

/** The directory, which belongs to the services' account as on a NAS. */
function backupsOf({ directory }: it.Nodes): string {
  const backups = join(directory, "backups");
  mkdirSync(backups, { recursive: true });
  chownSync(backups, serviceAccount.id, serviceAccount.id);
  return backups;
}

/** Starts the backup container of a node that runs. */
export async function startBackups(nodes: it.Nodes, host: Host): Promise<void> {
  const { docker, lab, image, directory } = nodes;
  const mount = (source: string, target: string, readOnly: boolean): Docker.MountSettings => ({
    ...{ Type: "volume", Source: source, Target: target, ReadOnly: readOnly },
    VolumeOptions: { Labels: { "tandem.lab": lab.id } } as Docker.MountSettings["VolumeOptions"] & object,
  });
  const container = await docker.createContainer({
    name: nameOf(nodes, host),
    Image: image,
    Entrypoint: ["bash"],
    Cmd: [databasePaths.backup, "serve"],
    Labels: { "tandem.lab": lab.id },
    HostConfig: {
      NetworkMode: `container:${it.nameOf(nodes, host)}`,
      Memory: 512 * 1024 * 1024,
      MemorySwap: 512 * 1024 * 1024,
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges"],
      Tmpfs: { [databasePaths.runtime]: it.runtimeOptions },
      Mounts: [
        { Type: "bind", Source: join(directory, host.name), Target: databasePaths.configuration, ReadOnly: true },
        mount(it.volumeOf(nodes, host), databasePaths.data, true),
        { Type: "bind", Source: backupsOf(nodes), Target: databasePaths.backups },
        mount(`${nameOf(nodes, host)}-scratch`, databasePaths.scratch, false),
      ],
    },
  });
  await container.start();
}

/** Runs a command in a node's backup container, as the account that it runs as. */
export const runBackup = (nodes: it.Nodes, host: Host, ...command: readonly string[]): Promise<it.Said> =>
  it.runIn(nodes.docker.getContainer(nameOf(nodes, host)), command, "");

export async function backupLog(nodes: it.Nodes, host: Host): Promise<string> {
  const log = await nodes.docker.getContainer(nameOf(nodes, host)).logs({ stdout: true, stderr: true, tail: 100 });
  return `backups of ${host.name}:\n${String(log)}`;
}
