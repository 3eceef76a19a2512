import * as pulumi from "@pulumi/pulumi";
import type { Host } from "./host.ts";
import { HostCommand } from "./host-command.ts";
import { HostFile } from "./host-file.ts";
import {
  expectedRunning,
  type HostProgram,
  programFile,
  renderRun,
  renderRunning,
  renderStart,
  renderStop,
  renderUnit,
} from "./host-service.render.ts";

export interface HostServiceArgs {
  readonly host: Host;
  readonly program: HostProgram;
  /** Digests of the files that it reads at its start: a change starts it anew. */
  readonly configurationDigests: readonly pulumi.Input<string>[];
}

/**
 * A program on the host itself: a systemd unit on a real machine. In the lab, whose machines have no systemd, runit keeps it. Its end and its
 * start touch nothing but itself, so containers live on when what made them is restarted.
 */
export class HostService extends pulumi.ComponentResource {
  /** Known when the program is at work. */
  readonly started: HostCommand;

  constructor(
    name: string,
    args: HostServiceArgs,
    options?: pulumi.ComponentResourceOptions & { readonly after?: pulumi.Input<pulumi.Input<pulumi.Resource>[]> },
  ) {
    super("tandem:host:HostService", name, {}, { parent: args.host, ...options });
    const { host, program } = args;
    const { kind } = host.machine;
    const file = new HostFile(
      `${name}-definition`,
      {
        host,
        path: programFile[kind](program.name),
        content: kind === "ssh" ? renderUnit(program) : renderRun(program),
        ...(kind === "lab" && { mode: "0755", check: 'sh -n "$candidate"' }),
      },
      { parent: this },
    );
    const configuration = pulumi.unsecret(
      pulumi
        .all([file.digest, ...args.configurationDigests])
        .apply((digests) => digests.map((digest) => digest.slice(0, 12)).join(".")),
    );
    this.started = new HostCommand(
      name,
      {
        host,
        script: configuration.apply((digests) => renderStart[kind](program, digests)),
        remove: renderStop[kind](program),
        probe: { what: `program ${program.name}`, command: renderRunning[kind](program), expected: expectedRunning[kind] },
      },
      { parent: this, dependsOn: pulumi.output(options?.after ?? []).apply((after) => [file, ...(after as pulumi.Resource[])]) },
    );
    this.registerOutputs({ host: host.place.name, probes: [file.probe, this.started.probe] });
  }
}
