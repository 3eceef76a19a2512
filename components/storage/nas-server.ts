import * as pulumi from "@pulumi/pulumi";
import type { NasExport } from "../../environments/model/exports.ts";
import { platformPorts } from "../../environments/model/ports.ts";
import type { Timings, Volume } from "../../environments/model/topology.ts";
import { DataVolume } from "../host/data-volume.ts";
import type { Host } from "../host/host.ts";
import { checks, type HostFile, type HostFileArgs } from "../host/host-file.ts";
import { ServiceContainer } from "../host/service-container.ts";
import { ServiceDirectory } from "../host/service-directory.ts";
import {
  nasCapabilities,
  nasPaths,
  reloadNas,
  renderDirectories,
  renderExports,
  renderGanesha,
  renderMeasureNas,
  renderStartNas,
} from "./ganesha.render.ts";

export interface NasServerArgs {
  readonly host: Host;
  readonly exports: readonly NasExport[];
  readonly volumes: readonly Volume[];
  readonly timings: Timings;
  /** NFS-Ganesha 4 or newer with its VFS, bash and the GNU core utilities. */
  readonly image: pulumi.Input<string>;
  /** In the lab: the directory of its machine that holds the data. */
  readonly directory?: string;
}

/** Seconds in which the server ends the requests that it has. */
const graceSeconds = 30;
/** Until it has begun to serve; its grace period for clients that were there before is not in it. */
const startSeconds = 60;

/**
 * A site's NAS as a server of ours: NFS 4.1 on the storage plane, a directory tree a zone that only the zone's storage network may mount, with the
 * clients' root as nobody. Its data are protected.
 */
export class NasServer extends pulumi.ComponentResource {
  readonly data: DataVolume;

  constructor(name: string, args: NasServerArgs, options?: pulumi.ComponentResourceOptions) {
    super("tandem:storage:NasServer", name, {}, options);
    const { host, exports, volumes, timings, image } = args;
    const { place } = host;
    const directory = new ServiceDirectory(`nas-${place.name}`, { host, service: "nas" });
    const file = (what: string, args: Omit<HostFileArgs, "host">, after: readonly HostFile[] = []): HostFile =>
      directory.file(this, what, args, after);
    const atStart = [
      file("server", { path: nasPaths.server, content: renderGanesha(place, timings) }),
      file("start", { path: nasPaths.start, content: renderStartNas(), check: checks.sh }),
    ];
    // A zone's tree is there before it is exported.
    const trees = { path: nasPaths.directories, content: renderDirectories(exports, volumes), reload: reloadNas };
    const directories = file("directories", trees);
    const exportFile = { path: nasPaths.exports, content: renderExports(exports), reload: reloadNas };
    const exported = file("exports", exportFile, [directories]);
    const files = [
      ...atStart,
      directories,
      exported,
      file("measure", { path: nasPaths.measure, content: renderMeasureNas(), check: checks.sh }),
    ];
    this.data = new DataVolume(
      `nas-data-${place.name}`,
      {
        ...{ host, service: "nas", target: nasPaths.data },
        ...(args.directory !== undefined && { directory: args.directory }),
      },
      { parent: this },
    );
    new ServiceContainer(
      `nas-${place.name}`,
      {
        ...{ host, service: "nas", image, entrypoint: "sh", command: [nasPaths.start] },
        configurationDigests: atStart.map(({ digest }) => digest),
        memoryMib: Math.floor(place.size.memoryGib * 1024),
        graceSeconds,
        healthcheck: {
          command: ["bash", "-c", `exec 3<> /dev/tcp/${place.addresses.storage}/${platformPorts.nfs}`],
          ...{ everySeconds: 10, timeoutSeconds: 3, startSeconds },
        },
        mounts: [this.data.mount],
        capabilities: nasCapabilities,
        user: "0:0",
        seccomp: "unconfined",
      },
      { parent: this, after: files },
    );
    this.registerOutputs({ probes: files.map(({ probe }) => probe) });
  }
}
