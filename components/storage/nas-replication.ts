import * as pulumi from "@pulumi/pulumi";
import type { Host as HostPlace, Volume } from "../../environments/model/topology.ts";
import type { DataVolume } from "../host/data-volume.ts";
import type { Host } from "../host/host.ts";
import { checks, forServices } from "../host/host-file.ts";
import { ServiceContainer } from "../host/service-container.ts";
import { ServiceDirectory } from "../host/service-directory.ts";
import { type Credentials, pemOf } from "../trust/credentials.ts";
import {
  replicationPaths as paths,
  renderModule,
  renderReplication,
  renderTunnel,
  replicationCapabilities,
} from "./replication.render.ts";

export interface NasReplicationArgs {
  readonly host: Host;
  /** The NAS of the other site. */
  readonly other: HostPlace;
  /** The standby site's NAS follows, the active site's serves. */
  readonly follows: boolean;
  /** From the beginning of one copy to that of the next. */
  readonly everyMinutes: number;
  readonly volumes: readonly Volume[];
  /** Of the NAS's server. */
  readonly data: DataVolume;
  readonly credentials: Credentials;
  /** With rsync and stunnel. */
  readonly image: pulumi.Input<string>;
}

/** What it may take of its host's memory: rsync holds a list of all files. */
const memoryShare = 0.25;
const leastMemoryMib = 64;

/** One of two NAS that follow one another in one direction: the standby site's fetches what the active site's has, on a schedule, in TLS. */
export class NasReplication extends pulumi.ComponentResource {
  constructor(name: string, args: NasReplicationArgs, options?: pulumi.ComponentResourceOptions) {
    super("tandem:storage:NasReplication", name, {}, options);
    const { host, data, credentials, image } = args;
    const { place } = host;
    const replication = { ...args, self: place };
    const directory = new ServiceDirectory(
      `nas-replication-${place.name}`,
      { host, service: "nas-replication" },
      { parent: this },
    );
    const secret = { ...forServices, check: checks.certificate };
    const files = [
      directory.file(this, "run", { path: paths.run, content: renderReplication(replication), check: checks.sh }),
      directory.file(this, "tunnel", { path: paths.tunnel, content: renderTunnel(replication) }),
      directory.file(this, "module", { path: paths.module, content: renderModule() }),
      directory.file(this, "certificate", {
        ...{ path: paths.certificate, content: pemOf(credentials.issued(`nas-${place.name}`)) },
        ...secret,
      }),
      directory.file(this, "authorities", { path: paths.authorities, content: credentials.authorities("platform") }),
    ];
    new ServiceContainer(
      `nas-replication-${place.name}`,
      {
        ...{ host, service: "nas-replication", image, entrypoint: "sh", command: [paths.run] },
        configurationDigests: files.map(({ digest }) => digest),
        memoryMib: Math.max(leastMemoryMib, Math.floor(place.size.memoryGib * 1024 * memoryShare)),
        graceSeconds: 10,
        mounts: [data.mount],
        capabilities: replicationCapabilities,
        user: "0:0",
      },
      { parent: this, after: files },
    );
    this.registerOutputs({ probes: files.map(({ probe }) => probe) });
  }
}
