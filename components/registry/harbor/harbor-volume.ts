import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { DataVolume } from "../../host/data-volume.ts";
import type { Host } from "../../host/host.ts";
import { HostCommand } from "../../host/host-command.ts";
import { type HarborPart, harborData } from "./harbor.render.ts";

export interface HarborVolumeArgs {
  readonly host: Host;
  /** Whose it is. */
  readonly part: Pick<HarborPart, "name" | "user">;
}

/** The data of one of Harbor's parts. Its image runs as an account of its own, and the engine makes a volume that only root may write to. */
export class HarborVolume extends pulumi.ComponentResource {
  readonly mount: docker.types.input.ContainerMount;

  constructor(name: string, args: HarborVolumeArgs, options?: pulumi.ComponentResourceOptions) {
    super("tandem:registry:HarborVolume", name, {}, { parent: args.host, ...options });
    const { host, part } = args;
    const service = `harbor-${part.name}`;
    const volume = new DataVolume(name, { host, service, target: harborData(part.name) }, { parent: this });
    this.mount = volume.mount;
    // A lab's engine is not on its machines, and images that are made for it own what they write to.
    const owner = host.machine.kind === "ssh" ? [this.#own(args, volume)] : [];
    this.registerOutputs({ host: host.place.name, probes: owner.map(({ probe }) => probe) });
  }

  #own({ host, part: { name: part, user } }: HarborVolumeArgs, volume: DataVolume): HostCommand {
    const directory = `"$(docker volume inspect --format '{{ .Mountpoint }}' ${host.volumeName(`harbor-${part}`)})"`;
    return new HostCommand(
      `harbor-${part}-owner-${host.place.name}`,
      {
        host,
        script: `chown ${user}:${user} ${directory}\n`,
        probe: { what: `owner of ${part}'s data`, command: `stat -c '%u:%g' ${directory}`, expected: `${user}:${user}\n` },
      },
      { parent: this, dependsOn: [volume] },
    );
  }
}
