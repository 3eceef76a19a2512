import * as pulumi from "@pulumi/pulumi";
import type { NasExport } from "../../environments/model/exports.ts";
import type { Timings } from "../../environments/model/topology.ts";
import { DataVolume } from "../host/data-volume.ts";
import type { Host } from "../host/host.ts";
import { HostFile } from "../host/host-file.ts";
import { ServiceContainer } from "../host/service-container.ts";
import { ServiceDirectory } from "../host/service-directory.ts";
import { nasCapabilities, nasPaths, reloadExports, renderExports, renderGanesha, renderStartNas } from "./ganesha.render.ts";

export interface NasServerArgs {
  readonly host: Host;
  readonly exports: readonly NasExport[];
  readonly timings: Timings;
  /** NFS-Ganesha 4 or newer with its VFS, install and sh. */
  readonly image: pulumi.Input<string>;
}

/** Seconds in which the server ends the requests that it has. */
const graceSeconds = 30;

/**
 * A site's NAS as a server of ours: NFS 4.1 on the storage plane, a directory tree a zone that only the zone's storage network may mount, with the
 * clients' root as nobody. Its data are protected.
 */
export class NasServer extends pulumi.ComponentResource {
  constructor(name: string, args: NasServerArgs, options?: pulumi.ComponentResourceOptions) {
    super("tandem:storage:NasServer", name, {}, options);
    const { host, exports, timings, image } = args;
    const { place } = host;
    const directory = new ServiceDirectory(`nas-${place.name}`, { host, service: "nas" });
    const file = (
      what: string,
      path: string,
      content: string,
      more: { readonly check?: string; readonly reload?: string } = {},
    ) => new HostFile(`nas-${what}-${place.name}`, { host, path, content, ...more }, { parent: this, dependsOn: [directory] });
    const atStart = [
      file("server", nasPaths.server, renderGanesha(place, timings)),
      file("start", nasPaths.start, renderStartNas(), { check: 'sh -n "$candidate"' }),
    ];
    const exported = file("exports", nasPaths.exports, renderExports(exports), { reload: reloadExports });
    const volume = new DataVolume(`nas-data-${place.name}`, { host, service: "nas", target: nasPaths.data }, { parent: this });
    new ServiceContainer(
      `nas-${place.name}`,
      {
        ...{ host, service: "nas", image, entrypoint: "sh", command: [nasPaths.start] },
        configurationDigests: atStart.map(({ digest }) => digest),
        memoryMib: Math.floor(place.size.memoryGib * 1024),
        graceSeconds,
        mounts: [volume.mount],
        capabilities: nasCapabilities,
        user: "0:0",
        seccomp: "unconfined",
      },
      { parent: this, after: [...atStart, exported] },
    );
    this.registerOutputs({ probes: [...atStart, exported].map(({ probe }) => probe) });
  }
}
