import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { tandemLabels } from "../labels.ts";
import type { Host } from "./host.ts";

export interface DataVolumeArgs {
  readonly host: Host;
  /** The service whose data it holds, as in "database". */
  readonly service: string;
  /** Where the service sees it. */
  readonly target: string;
  /** In the lab: a directory of the machine under it that holds the data, where others see them too. */
  readonly directory?: string;
}

/** A service's data on its host's own disk. Protected: no ordinary change takes it away, and its inputs never change. */
export class DataVolume extends pulumi.ComponentResource {
  readonly mount: docker.types.input.ContainerMount;

  constructor(name: string, args: DataVolumeArgs, options?: pulumi.ComponentResourceOptions) {
    super("tandem:host:DataVolume", name, {}, { parent: args.host, ...options });
    const { host, service, directory } = args;
    const volume = new docker.Volume(
      name,
      {
        name: host.volumeName(service),
        ...(directory !== undefined && bindTo(directory)),
        labels: tandemLabels(this, {
          host: host.place.name,
          service,
          ...(host.machine.kind === "lab" && { lab: host.machine.lab }),
        }),
      },
      { parent: this, provider: host.engine, protect: true },
    );
    this.mount = { type: "volume", source: volume.name, target: args.target };
    this.registerOutputs({ host: host.place.name });
  }
}

/** A volume that is a directory of its machine. */
export const bindTo = (directory: string): Pick<docker.VolumeArgs, "driver" | "driverOpts"> => ({
  driver: "local",
  driverOpts: { type: "none", o: "bind", device: directory },
});
