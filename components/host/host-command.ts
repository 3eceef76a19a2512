import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { Host } from "./host.ts";
import type { Probe } from "./host-file.ts";

export interface HostCommandArgs {
  readonly host: Host;
  /** Brings the host to the declared state; run again whenever it changes, so it must do nothing where that state is reached. */
  readonly script: string;
  /** Takes it back when the resource is deleted; default: the host keeps what it has. */
  readonly remove?: string;
  readonly probe: Omit<Probe, "host">;
}

/** A change on a host that is not a file: an idempotent script and the probe that tells whether the host is still as declared. */
export class HostCommand extends pulumi.ComponentResource {
  constructor(name: string, args: HostCommandArgs, options?: pulumi.ComponentResourceOptions) {
    super("tandem:host:HostCommand", name, {}, { parent: args.host, ...options });
    new command.remote.Command(
      name,
      {
        connection: args.host.connection,
        create: pulumi.interpolate`${args.host.scriptHeader}${args.host.asRoot(args.script)}`,
        ...(args.remove !== undefined && { delete: args.host.asRoot(args.remove) }),
        addPreviousOutputInEnv: false,
      },
      { parent: this },
    );
    this.registerOutputs({
      host: args.host.place.name,
      probes: [{ host: args.host.place.name, ...args.probe, command: args.host.asRoot(args.probe.command) }],
    });
  }
}
