import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { Volume } from "../../environments/model/topology.ts";
import { bindTo } from "../host/data-volume.ts";
import type { Host } from "../host/host.ts";
import { tandemLabels } from "../labels.ts";
import { mountOptions } from "./nfs.render.ts";

/** Where volumes are mounted from. */
export type NasSource =
  | {
      readonly kind: "nfs";
      /** Name of the site's NAS: the same at both sites. */
      readonly name: string;
      /** Where it has the zones' trees: empty, or an absolute path. */
      readonly path: string;
    }
  | {
      /** In the lab, whose kernel has no NFS: the directory itself, on the one machine that holds all hosts. */
      readonly kind: "directory";
      /** Absolute path of the NAS's data on that machine. */
      readonly path: string;
    };

export interface NasVolumeArgs {
  /** Whose container mounts it. */
  readonly host: Host;
  readonly volume: Volume;
  /** The service that mounts it: one of the volume's users. */
  readonly service: string;
  /** Where the service sees it; nothing that its image has: Docker would give the volume the owner that the image has there, which a NAS lets no root do. */
  readonly target: string;
  readonly source: NasSource;
}

/**
 * A directory of the site's NAS as a volume of a container. Protected, and the NAS keeps the directory and all that is in it, whatever becomes of
 * the volume.
 */
export class NasVolume extends pulumi.ComponentResource {
  readonly mount: docker.types.input.ContainerMount;

  constructor(name: string, args: NasVolumeArgs, options?: pulumi.ComponentResourceOptions) {
    super("tandem:storage:NasVolume", name, {}, { parent: args.host, ...options });
    const { host, volume, service, target, source } = args;
    const { zone, stack, directory, users, isOfSite } = volume;
    if (!users.includes(service))
      throw new pulumi.RunError(
        `${name}: service ${service} would use the volume ${directory}, which is of ${users.join(", ")}; allowed is one of them. ` +
          `Give it a volume of its own${isOfSite ? "" : `, or name it under volumes.${zone}.${stack}/${volume.service}.sharedBy in the environment file`}.`,
      );
    const made = new docker.Volume(
      name,
      {
        // No name of a stack or a service has a dot: two directories never have one volume.
        name: host.containerName(`nas.${directory.replaceAll("/", ".")}`),
        ...(source.kind === "nfs" ? mountFrom(source, directory) : bindTo(`${source.path}/${directory}`)),
        labels: tandemLabels(this, {
          host: host.place.name,
          service,
          ...(host.machine.kind === "lab" && { lab: host.machine.lab, "stands-for": "NFS mount" }),
        }),
      },
      { parent: this, provider: host.engine, protect: true },
    );
    this.mount = { type: "volume", source: made.name, target };
    this.registerOutputs({ host: host.place.name, directory });
  }
}

const mountFrom = (
  { name, path }: NasSource & { kind: "nfs" },
  directory: string,
): Pick<docker.VolumeArgs, "driver" | "driverOpts"> => ({
  driver: "local",
  driverOpts: { type: "nfs", o: `addr=${name},${mountOptions.join(",")}`, device: `:${path}/${directory}` },
});
