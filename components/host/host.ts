import type * as command from "@pulumi/command";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { labNames } from "../../environments/model/lab.ts";
import { type Host as HostPlace, type PlaneNetwork, planes } from "../../environments/model/topology.ts";
import { deviceName } from "../network/devices.render.ts";
import { type Login, runOn } from "./inspection.ts";
import { shellQuote } from "./shell.ts";

/** How the program logs in to a host. */
export interface HostAccess {
  readonly user: string;
  readonly port: number;
  /** Private key in OpenSSH format. */
  readonly privateKey: pulumi.Input<string>;
  /** Public host key as in known_hosts ("ssh-ed25519 AAAA…"); unknown while a preview of a host without one goes on. */
  readonly hostKey: pulumi.Input<string>;
}

/** What the machine is: the one place that tells a real machine from a container of the lab. */
export type Machine =
  | {
      readonly kind: "ssh";
      /** From the project's directory, so that it is the same in every checkout. The engine's SSH takes its key from the user's agent. */
      readonly knownHostsFile: string;
      /** The interface that carries the VLANs of all planes, as in "bond0". */
      readonly trunk: string;
      /** Where its Docker engine gets images, and as whom. */
      readonly registry: RegistryLogin;
    }
  | {
      readonly kind: "lab";
      readonly lab: string;
      /** The one engine of the lab; called when the first service is placed. */
      readonly engine: () => docker.Provider;
      /** Id of the container that plays the machine; a name would be read back as an id and replace every service at each run. */
      readonly containerId: pulumi.Input<string>;
    };

export interface RegistryLogin {
  /** As images name it. */
  readonly address: string;
  readonly username: string;
  readonly password: pulumi.Input<string>;
}

export interface HostArgs {
  readonly place: HostPlace;
  readonly access: HostAccess;
  readonly machine: Machine;
}

/** Where services keep their configuration, on the host and in its services. */
export const configurationDirectory = "/etc/tandem";

/** A host as services see it: how to run a command on it, its Docker engine, its namespaces and its configuration directory. */
export class Host extends pulumi.ComponentResource {
  readonly place: HostPlace;
  readonly machine: Machine;
  readonly connection: pulumi.Output<command.types.input.remote.ConnectionArgs>;
  /** First line of each script for this machine: a lab machine that was made anew changes it, so everything is written again. */
  readonly scriptHeader: pulumi.Output<string>;
  readonly #access: HostAccess;
  #engine: docker.Provider | undefined;

  constructor(name: string, args: HostArgs, options?: pulumi.ComponentResourceOptions) {
    super("tandem:host:Host", name, {}, options);
    this.place = args.place;
    this.machine = args.machine;
    this.#access = args.access;
    this.connection = pulumi.secret({
      host: args.place.addresses.management,
      port: args.access.port,
      user: args.access.user,
      privateKey: args.access.privateKey,
      hostKey: args.access.hostKey,
      perDialTimeout: 15,
      dialErrorLimit: 10,
    });
    this.scriptHeader =
      args.machine.kind === "lab" ? pulumi.interpolate`# machine ${args.machine.containerId}\n` : pulumi.output("");
    this.registerOutputs({ host: args.place.name });
  }

  /** The host's Docker engine; made when the first service asks, because each provider is a process in every run. */
  get engine(): docker.Provider {
    if (this.machine.kind === "lab") return this.machine.engine();
    this.#engine ??= new docker.Provider(
      `docker-${this.place.name}`,
      {
        // Not from the connection: that is a secret as a whole, and would hide which engine this is.
        host: `ssh://${this.#access.user}@${this.place.addresses.management}:${this.#access.port}`,
        sshOpts: sshOptions(this.machine.knownHostsFile),
        disableDockerDaemonCheck: true,
        // Told to the engine with each image that it gets, and kept on no host.
        registryAuth: [{ ...this.machine.registry, password: pulumi.secret(this.machine.registry.password) }],
      },
      { parent: this },
    );
    return this.#engine;
  }

  /** Network and process namespaces of a service: the host's own, so that a dead host takes its services along. */
  get namespaces(): { readonly networkMode: pulumi.Input<string>; readonly pidMode: pulumi.Input<string> } {
    if (this.machine.kind === "ssh") return { networkMode: "host", pidMode: "host" };
    const machine = pulumi.interpolate`container:${this.machine.containerId}`;
    return { networkMode: machine, pidMode: machine };
  }

  /** The host's configuration directory as a read-only mount of a service. */
  get configurationMount(): docker.types.input.ContainerMount {
    const source = this.machine.kind === "ssh" ? configurationDirectory : configurationVolume(this.machine.lab, this.place.name);
    return { type: this.machine.kind === "ssh" ? "bind" : "volume", source, target: configurationDirectory, readOnly: true };
  }

  /** Name of the host's interface in a plane. */
  interfaceOf({ plane, vlan }: PlaneNetwork): string {
    const { kind } = this.machine;
    return deviceName({ machines: kind, trunk: kind === "ssh" ? this.machine.trunk : "" }, planes.indexOf(plane), vlan);
  }

  /** Runs a script as the host's root and gives what it printed. For what must be known while an `up` runs: not in a preview. */
  async ask(script: string): Promise<string> {
    const login = await new Promise<Login>((resolve) =>
      pulumi.all([this.#access.privateKey, this.#access.hostKey]).apply(([privateKey, hostKey]) =>
        resolve({
          host: this.place.addresses.management,
          port: this.#access.port,
          user: this.#access.user,
          privateKey,
          hostKey,
        }),
      ),
    );
    const { code, stdout, stderr } = await runOn(login, this.asRoot(script));
    if (code !== 0) throw new Error(`${this.place.name}: ${stderr.trim() || `a question to it ended with code ${code}`}`);
    return stdout;
  }

  /** A script as the host's root runs it: an operator's account that is not root goes through sudo. */
  asRoot(script: string): string {
    return this.#access.user === "root" ? script : `sudo -n /bin/sh -c ${shellQuote(script)}`;
  }

  /** Name of a service's container: one engine holds all of a lab's hosts, so there it names the lab and the host too. */
  containerName(service: string): string {
    return this.machine.kind === "ssh"
      ? `tandem-${service}`
      : `${labNames.container(this.machine.lab, this.place.name)}-${service}`;
  }

  /** Name of the volume of a service's data, by the same rule. */
  volumeName(service: string): string {
    return `${this.containerName(service)}-data`;
  }

  /** The shell command that makes a service of the machine take up its configuration. */
  reloadCommand(service: "ssh" | "chrony" | "sysctl", file: string): string {
    return this.machine.kind === "ssh" ? reloadOnMachine[service](file) : reloadInLab[service](file);
  }
}

const sshOptions = (knownHostsFile: string): string[] =>
  Object.entries({ UserKnownHostsFile: knownHostsFile, StrictHostKeyChecking: "yes", BatchMode: "yes" }).flatMap(
    ([key, value]) => ["-o", `${key}=${value}`],
  );

/** Name of the lab's volume that stands for a host's configuration directory. */
export const configurationVolume = (lab: string, host: string): string => `${labNames.container(lab, host)}-configuration`;

/** Reads a file into the kernel; when it was taken away, what it had set stays until the next boot. */
export const ifThere = (file: string, command: string): string => `[ ! -e ${file} ] || ${command}`;

const reloadOnMachine = {
  ssh: () => "systemctl reload ssh",
  chrony: () => "systemctl restart chrony",
  sysctl: (file: string) => ifThere(file, `sysctl --quiet --load=${file}`),
} as const;

// The lab's machines share the kernel of the machine they run on: its clock and its machine-wide settings stay as they are.
const reloadInLab = {
  ssh: () => "kill -HUP $(cat /run/sshd.pid)",
  chrony: () => ":",
  sysctl: (file: string) => ifThere(file, `sysctl --quiet --pattern '^net\\.' --load=${file}`),
} as const;
