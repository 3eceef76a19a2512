import * as pulumi from "@pulumi/pulumi";
import { serviceAccount } from "../../environments/model/service-account.ts";
import type { Site, Topology } from "../../environments/model/topology.ts";
import { backupVolume } from "../../environments/model/volumes.ts";
import { DataVolume } from "../host/data-volume.ts";
import type { Host } from "../host/host.ts";
import { checks, forServices, HostFile } from "../host/host-file.ts";
import type { Probe } from "../host/probe.ts";
import { ServiceContainer } from "../host/service-container.ts";
import { NasClient } from "../storage/nas-client.ts";
import { type NasSource, NasVolume } from "../storage/nas-volume.ts";
import { type Credentials, pemOf } from "../trust/credentials.ts";
import { renderBackup } from "./backup.render.ts";
import { databaseCluster, databasePaths } from "./cluster.render.ts";
import { renderRestore } from "./restore.render.ts";

export interface DatabaseBackupArgs {
  readonly topology: Topology;
  readonly site: Site;
  /** The cluster's members, by name. */
  readonly hosts: ReadonlyMap<string, Host>;
  /** The database's own: it has the flavor's backup tool, and restores with the same server. With bash and socat. */
  readonly image: pulumi.Input<string>;
  readonly credentials: Credentials;
  readonly nas: NasSource;
}

/** For the tool, and for a scratch server with a buffer pool of 64 MiB. */
const memoryMib = 512;

/**
 * Backups of a site's database: on each member a container beside it that copies the binary logs, and makes and verifies full backups when it
 * is its turn. They lie on the site's NAS and nowhere else.
 */
export class DatabaseBackup extends pulumi.ComponentResource {
  constructor(name: string, args: DatabaseBackupArgs, options?: pulumi.ComponentResourceOptions) {
    super("tandem:database:DatabaseBackup", name, {}, options);
    const { topology, site, hosts, image, credentials, nas } = args;
    const cluster = databaseCluster(topology, site);
    const probes: Probe[] = [];
    for (const place of cluster.members) {
      const host = hosts.get(place.name);
      if (!host) throw new Error(`backups of ${cluster.name}: member ${place.name} is not among the hosts that were given`);
      const files = this.#files(host, [
        ["backup", databasePaths.backup, renderBackup(cluster, place), checks.bash],
        ["restore", databasePaths.restore, renderRestore(cluster), checks.bash],
        [
          "backup-account",
          databasePaths.backupPem,
          pemOf(credentials.issued(`database-backup-${site.name}`)),
          checks.certificate,
        ],
      ]);
      probes.push(...files.map(({ probe }) => probe));
      const client = host.machine.kind === "ssh" ? [new NasClient(`nas-client-${place.name}`, { host }, { parent: this })] : [];
      const backups = new NasVolume(
        `database-backup-${place.name}`,
        {
          ...{ host, volume: backupVolume(topology), service: "database-backup", source: nas },
          target: databasePaths.backups,
        },
        { parent: this },
      );
      const scratch = new DataVolume(
        `database-backup-scratch-${place.name}`,
        { host, service: "database-backup", target: databasePaths.scratch },
        { parent: this },
      );
      const { id } = serviceAccount;
      new ServiceContainer(
        `database-backup-${place.name}`,
        {
          ...{ host, service: "database-backup", image, entrypoint: "bash", command: [databasePaths.backup, "serve"] },
          configurationDigests: files.map(({ digest }) => digest),
          memoryMib,
          graceSeconds: 10,
          mounts: [
            scratch.mount,
            // Where the server has them: its tools ask it for the paths.
            { type: "volume", source: host.volumeName("database"), target: databasePaths.data, readOnly: true },
            backups.mount,
          ],
          tmpfs: { [databasePaths.runtime]: `uid=${id},gid=${id},mode=0700` },
          user: `${id}:${id}`,
        },
        { parent: this, after: [...files, ...client] },
      );
    }
    this.registerOutputs({ probes });
  }

  #files(host: Host, texts: readonly (readonly [string, string, pulumi.Input<string>, string])[]): HostFile[] {
    return texts.map(
      ([what, path, content, check]) =>
        new HostFile(`database-${what}-${host.place.name}`, { host, path, content, check, ...forServices }, { parent: this }),
    );
  }
}
