import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { Host } from "./host.ts";
import type { Probe } from "./probe.ts";

export interface HostCommandArgs {
  readonly host: Host;
  /** Brings the host to the declared state; run again whenever it changes, so it must do nothing where that state is reached. */
  readonly script: pulumi.Input<string>;
  /** Takes it back when the resource is deleted; default: the host keeps what it has. */
  readonly remove?: string;
  readonly probe: { readonly what: string; readonly command: string; readonly expected: string };
}

/** A change on a host that is not a file: an idempotent script and the probe that tells whether the host is still as declared. */
export class HostCommand extends command.remote.Command {
  /** For its owner to register. */
  readonly probe: Probe;

  constructor(name: string, args: HostCommandArgs, options?: pulumi.CustomResourceOptions) {
    const { host, remove } = args;
    super(
      name,
      {
        connection: host.connection,
        create: pulumi.interpolate`${host.scriptHeader}${pulumi.output(args.script).apply((script) => host.asRoot(script))}`,
        ...(remove !== undefined && { delete: host.asRoot(remove) }),
        addPreviousOutputInEnv: false,
      },
      { parent: host, ...options },
    );
    this.probe = { ...args.probe, resource: name, host: host.place.name, command: host.asRoot(args.probe.command) };
  }
}
