import * as pulumi from "@pulumi/pulumi";
import type { Host } from "../host/host.ts";
import { HostFile } from "../host/host-file.ts";
import { HostService } from "../host/host-service.ts";
import { renderStartAgain, startAgainPath } from "./nfs.render.ts";

export interface NasClientArgs {
  /** A real machine. */
  readonly host: Host;
}

const everySeconds = 30;

/** What a host needs besides its engine to have volumes of the NAS: containers whose volume could not be mounted are started when it can. */
export class NasClient extends pulumi.ComponentResource {
  constructor(name: string, args: NasClientArgs, options?: pulumi.ComponentResourceOptions) {
    super("tandem:storage:NasClient", name, {}, { parent: args.host, ...options });
    const { host } = args;
    const file = new HostFile(
      `nas-start-again-${host.place.name}`,
      { host, path: startAgainPath, content: renderStartAgain(everySeconds), check: 'sh -n "$candidate"' },
      { parent: this },
    );
    new HostService(
      `nas-client-${host.place.name}`,
      {
        host,
        program: {
          name: "tandem-nas-client",
          description: "Starts containers again whose volume of the NAS could not be mounted",
          command: ["/bin/sh", startAgainPath],
          after: ["docker"],
          ready: "systemctl is-active --quiet tandem-nas-client",
        },
        configurationDigests: [file.digest],
      },
      { parent: this, after: [file] },
    );
    this.registerOutputs({ probes: [file.probe] });
  }
}
