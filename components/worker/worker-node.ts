import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { renderPackagesProbe, renderPackagesScript } from "../host/accounts.render.ts";
import type { Host } from "../host/host.ts";
import { HostCommand } from "../host/host-command.ts";
import { HostService } from "../host/host-service.ts";
import type { Probe } from "../host/probe.ts";
import { renderNfsPrograms, renderNfsProgramsExpected, renderNfsProgramsProbe } from "../storage/nfs.render.ts";
import type { Credentials } from "../trust/credentials.ts";
import { NodeConfiguration } from "./node-configuration.ts";
import {
  type ProgramName,
  programsOf,
  renderPrograms,
  renderProgramsProbe,
  renderSeedExpected,
  renderSeedImport,
  renderSeedProbe,
  workerPackages,
} from "./programs.render.ts";
import type { Worker } from "./worker.render.ts";

type After = pulumi.Input<pulumi.Input<pulumi.Resource>[]>;

export interface WorkerNodeArgs {
  readonly worker: Worker;
  readonly host: Host;
  readonly credentials: Credentials;
  /** Carries the programs of a real machine; a machine of the lab has them from its beginning. */
  readonly image: string;
}

/**
 * A node of Kubernetes: containerd, Felix, kube-proxy and kubelet, as programs of the host itself. A change of configuration starts again what
 * reads it, and no container.
 */
export class WorkerNode extends pulumi.ComponentResource {
  /** The last of its programs: with it all are at work. */
  readonly running: HostCommand;

  constructor(name: string, args: WorkerNodeArgs, options: pulumi.ComponentResourceOptions & { readonly after: After }) {
    const { after, ...others } = options;
    super("tandem:worker:WorkerNode", name, {}, { parent: args.host, ...others });
    const { worker, host } = args;
    const probes: Probe[] = [];
    const installed = this.#install(args, after, probes);
    const configuration = new NodeConfiguration(
      `worker-configuration-${host.place.name}`,
      { worker, host, credentials: args.credentials },
      { parent: this, dependsOn: installed },
    );
    const programs = programsOf(worker);
    // Other programs are started anew, too.
    const imageDigest = createHash("sha256").update(args.image).digest("hex");
    const start = (program: ProgramName, before: readonly pulumi.Resource[]): HostCommand =>
      new HostService(
        `${program}-${host.place.name}`,
        { host, program: programs[program], configurationDigests: [...configuration.digests[program], imageDigest] },
        {
          parent: this,
          after: pulumi.output(after).apply((turn) => [...(turn ?? []), configuration, ...before] as pulumi.Resource[]),
        },
      ).started;

    const containerd = start("containerd", []);
    const seeded = host.machine.kind === "lab" ? [this.#seed(args, containerd, probes)] : [];
    const network = start("felix", [containerd]);
    const kubelet = start("kubelet", [containerd, ...seeded, network]);
    // Until the kubelet has told the node's addresses, kube-proxy waits for them, half a minute.
    this.running = start("kube-proxy", [kubelet]);
    this.registerOutputs({ host: host.place.name, probes });
  }

  /** Packages, and on a real machine the programs out of their image. */
  #install({ host, image }: WorkerNodeArgs, after: After, probes: Probe[]): HostCommand[] {
    const { name } = host.place;
    const packages = new HostCommand(
      `worker-packages-${name}`,
      {
        host,
        script: renderPackagesScript(workerPackages),
        probe: {
          what: "packages of a worker",
          command: renderPackagesProbe(workerPackages),
          expected: `${[...workerPackages].sort().join("\n")}\n`,
        },
      },
      // In its turn, and on a host that is prepared: its files belong to an account that comes with that.
      { parent: this, dependsOn: after },
    );
    probes.push(packages.probe);
    if (host.machine.kind === "lab") return [packages];
    const programs = new HostCommand(
      `worker-programs-${name}`,
      {
        host,
        script: renderPrograms(image),
        probe: { what: "programs of a worker", command: renderProgramsProbe(), expected: `${image}\n` },
      },
      { parent: this, dependsOn: packages },
    );
    const mounting = new HostCommand(
      `worker-nfs-${name}`,
      {
        host,
        script: renderNfsPrograms(),
        probe: {
          what: "what mounts volumes of the NAS",
          command: renderNfsProgramsProbe(),
          expected: renderNfsProgramsExpected(),
        },
      },
      { parent: this, dependsOn: packages },
    );
    probes.push(programs.probe, mounting.probe);
    return [packages, programs, mounting];
  }

  #seed({ host }: WorkerNodeArgs, containerd: HostCommand, probes: Probe[]): HostCommand {
    const seed = new HostCommand(
      `worker-images-${host.place.name}`,
      {
        host,
        script: renderSeedImport(),
        probe: { what: "images of the seed", command: renderSeedProbe(), expected: renderSeedExpected() },
      },
      { parent: this, dependsOn: containerd },
    );
    probes.push(seed.probe);
    return seed;
  }
}
