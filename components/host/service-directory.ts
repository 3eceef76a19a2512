import * as pulumi from "@pulumi/pulumi";
import { serviceAccount } from "../../environments/model/service-account.ts";
import { configurationDirectory, type Host } from "./host.ts";
import { HostCommand } from "./host-command.ts";
import { HostFile, type HostFileArgs } from "./host-file.ts";

export interface ServiceDirectoryArgs {
  readonly host: Host;
  /** The service that reads it, as in "database". */
  readonly service: string;
}

/** A service's own part of its host's configuration directory: its account may read it, nobody else. */
export class ServiceDirectory extends pulumi.ComponentResource {
  /** Absolute path, the same on the host and in the service's containers. */
  readonly path: string;
  readonly #args: ServiceDirectoryArgs;

  constructor(name: string, args: ServiceDirectoryArgs, options?: pulumi.ComponentResourceOptions) {
    super("tandem:host:ServiceDirectory", name, {}, { parent: args.host, ...options });
    this.#args = args;
    this.path = `${configurationDirectory}/${args.service}`;
    const directory = new HostCommand(
      name,
      {
        host: args.host,
        script: `install -d -m 0750 -o root -g ${serviceAccount.name} ${this.path}\n`,
        // Only when it is empty: what a service left there is not ours to delete.
        remove: `rmdir --ignore-fail-on-non-empty ${this.path}\n`,
        probe: {
          what: `directory ${this.path}`,
          command: `stat -c '%U:%G %a' ${this.path}`,
          expected: `root:${serviceAccount.name} 750\n`,
        },
      },
      { parent: this },
    );
    this.registerOutputs({ host: args.host.place.name, probes: [directory.probe] });
  }

  /** A file that the service reads, as a child of the component that writes it; `what` it is, as in "certificate". */
  file(
    parent: pulumi.Resource,
    what: string,
    file: Omit<HostFileArgs, "host">,
    after: readonly pulumi.Resource[] = [],
  ): HostFile {
    const { host, service } = this.#args;
    return new HostFile(`${service}-${what}-${host.place.name}`, { host, ...file }, { parent, dependsOn: [this, ...after] });
  }
}
