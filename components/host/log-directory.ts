import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { serviceAccount } from "../../environments/model/service-account.ts";
import { DataVolume } from "./data-volume.ts";
import type { Host } from "./host.ts";
import { HostCommand } from "./host-command.ts";

export interface LogDirectoryArgs {
  readonly host: Host;
  /** The service that writes there, as in "kube-apiserver". */
  readonly service: string;
  /** Where the service sees it, and where it is on a real machine. Its image in the lab has it, as the service account's. */
  readonly path: string;
  /** Account and group that write there; default: the service account. */
  readonly owner?: string;
}

/** Where a service writes its logs: a directory of a real machine, which others collect it from, and a volume in the lab. */
export class LogDirectory extends pulumi.ComponentResource {
  readonly mount: docker.types.input.ContainerMount;

  constructor(name: string, args: LogDirectoryArgs, options?: pulumi.ComponentResourceOptions) {
    super("tandem:host:LogDirectory", name, {}, { parent: args.host, ...options });
    const { host, service, path } = args;
    if (host.machine.kind === "lab") {
      this.mount = new DataVolume(name, { host, service, target: path }, { parent: this }).mount;
      this.registerOutputs({ host: host.place.name });
      return;
    }
    const { owner = serviceAccount.name } = args;
    const directory = new HostCommand(
      name,
      {
        host,
        script: `install -d -m 0750 -o ${owner} -g ${owner} ${path}\n`,
        probe: { what: `directory ${path}`, command: `stat -c '%U:%G %a' ${path}`, expected: `${owner}:${owner} 750\n` },
      },
      { parent: this },
    );
    this.mount = { type: "bind", source: path, target: path };
    this.registerOutputs({ host: host.place.name, probes: [directory.probe] });
  }
}
