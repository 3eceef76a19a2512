import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { Host as HostPlace } from "../../environments/model/topology.ts";
import { tandemLabels } from "../labels.ts";
import type { Host } from "./host.ts";

export interface ServiceContainerArgs {
  readonly host: Host;
  /** What the container is on its host, as in "haproxy": one of a kind a host. */
  readonly service: string;
  /** By digest in production. */
  readonly image: pulumi.Input<string>;
  readonly command?: pulumi.Input<pulumi.Input<string>[]>;
  /** The program that takes the command as its arguments; default: the image's own. */
  readonly entrypoint?: string;
  /** Variables that its image takes; never a secret, because the engine shows them to whoever asks. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Digests of the files that the service reads only at its start: a change replaces the container. */
  readonly configurationDigests?: readonly pulumi.Input<string>[];
  /** Memory limit in MiB. */
  readonly memoryMib: number;
  /** Seconds between TERM and KILL. */
  readonly graceSeconds: number;
  /** What it is told to end with; default: what its image says, or TERM. */
  readonly stopSignal?: "SIGINT";
  /** What makes it healthy: an `up` waits for that. */
  readonly healthcheck?: Healthcheck;
  /** Mounts besides the configuration directory. */
  readonly mounts?: readonly docker.types.input.ContainerMount[];
  /** Directories in memory and their options, by path: empty at every start. */
  readonly tmpfs?: Readonly<Record<string, string>>;
  /** Linux capabilities that the service needs, as in "CAP_NET_ADMIN"; all others are taken from it. */
  readonly capabilities?: readonly string[];
  /** For what Docker's own filter of system calls refuses whatever the capabilities are. */
  readonly seccomp?: "unconfined";
  /** As in "0:0"; default: the image's own. */
  readonly user?: string;
}

export interface Healthcheck {
  /** Program and arguments; succeeds when the service is at work. */
  readonly command: readonly string[];
  readonly everySeconds: number;
  readonly timeoutSeconds: number;
  /** In which a failure does not count. */
  readonly startSeconds: number;
}

/** Failures in a row that make a service unhealthy. */
const retries = 3;

/** As the engine writes it: another spelling is read back as a change. https://pkg.go.dev/time#Duration.String */
const duration = (seconds: number): string => (seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`);

/** What a service leaves to its host of each processor: the host's own SSH and probes, and its engine, answer while a service spins. */
const hostShare = 0.1;

/** Limit of processors, as the engine reads it back. */
const cpusOf = ({ size }: HostPlace): string => String(Math.round(size.cpus * (1 - hostShare) * 10) / 10);

/** A service of a host: a container in the host's own network and process namespaces that reads the host's configuration directory. */
export class ServiceContainer extends pulumi.ComponentResource {
  readonly container: docker.Container;

  constructor(
    name: string,
    args: ServiceContainerArgs,
    options?: pulumi.ComponentResourceOptions & { readonly after?: pulumi.Input<pulumi.Input<pulumi.Resource>[]> },
  ) {
    super("tandem:host:ServiceContainer", name, {}, { parent: args.host, ...options });
    const { host } = args;
    this.container = new docker.Container(
      name,
      {
        name: host.containerName(args.service),
        image: args.image,
        ...(args.command && { command: args.command }),
        ...(args.entrypoint !== undefined && { entrypoints: [args.entrypoint] }),
        ...(args.environment && { envs: Object.entries(args.environment).map(([key, value]) => `${key}=${value}`) }),
        ...host.namespaces,
        mounts: [host.configurationMount, ...(args.mounts ?? [])],
        ...(args.tmpfs && { tmpfs: args.tmpfs }),
        ...(args.user !== undefined && { user: args.user }),
        capabilities: { adds: [...(args.capabilities ?? [])], drops: ["ALL"] },
        securityOpts: ["no-new-privileges", ...(args.seccomp ? [`seccomp=${args.seccomp}`] : [])],
        memory: args.memoryMib,
        memorySwap: args.memoryMib,
        cpus: cpusOf(host.place),
        restart: "unless-stopped",
        logDriver: "json-file",
        logOpts: { "max-file": "3", "max-size": "10m" },
        destroyGraceSeconds: args.graceSeconds,
        ...(args.stopSignal !== undefined && { stopSignal: args.stopSignal }),
        ...(args.healthcheck && { healthcheck: rendered(args.healthcheck), wait: true, waitTimeout: 120 }),
        labels: tandemLabels(this, {
          // Of a secret file too: a digest of a key tells nothing of it.
          configuration: pulumi.unsecret(
            pulumi.all([...(args.configurationDigests ?? [])]).apply((digests) => digests.join(",")),
          ),
          host: host.place.name,
          service: args.service,
          ...(host.machine.kind === "lab" && { lab: host.machine.lab }),
        }),
      },
      {
        parent: this,
        provider: host.engine,
        // The name and the host's ports are taken: the old one has to leave first. Nothing reads this container by property.
        deleteBeforeReplace: true,
        // The provider only records these otherwise: the running container would keep the old ones.
        replaceOnChanges: ["healthcheck", "init", "mounts", "tmpfs"],
        ...(options?.after && { dependsOn: options.after }),
      },
    );
    this.registerOutputs({ host: host.place.name });
  }
}

const rendered = (check: Healthcheck): docker.types.input.ContainerHealthcheck => ({
  tests: ["CMD", ...check.command],
  interval: duration(check.everySeconds),
  timeout: duration(check.timeoutSeconds),
  startPeriod: duration(check.startSeconds),
  retries,
});
