import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { labNames } from "../../environments/model/lab.ts";
import type { Host as HostPlace } from "../../environments/model/topology.ts";
import { configurationDirectory, configurationVolume } from "../host/host.ts";
import { tandemLabels } from "../labels.ts";

export interface LabMachineArgs {
  readonly place: HostPlace;
  /** Id of the lab. */
  readonly lab: string;
  readonly containerName: string;
  /** Id of the machine image in the lab's engine. */
  readonly image: string;
  /** What it is plugged into, in the order of its interfaces: its zone's planes, then, a gateway, the core network and the link. */
  readonly cables: readonly { readonly network: docker.Network; readonly address: string }[];
  /** OpenSSH private host key: the lab pins its public half. */
  readonly hostKey: string;
  /** The account that operators log in to; the machine image holds it. */
  readonly user: string;
  /** Public key of the lab's operator. */
  readonly operatorKey: string;
  /** Absolute path on the machine under the lab: its zone's tree on the NAS. */
  readonly nasTree: string;
}

/**
 * A container that plays a machine: SSH, one interface a network, its own configuration volume. The engine names interfaces in the order of
 * the networks' names, so eth0 is business, eth1 management, eth2 storage, and of a gateway eth3 the core network and eth4 the link.
 */
export class LabMachine extends pulumi.ComponentResource {
  readonly containerId: pulumi.Output<string>;

  constructor(name: string, args: LabMachineArgs, options?: pulumi.ComponentResourceOptions) {
    super("tandem:lab:LabMachine", name, {}, options);
    const { place } = args;
    const labels = tandemLabels(this, { host: place.name, lab: args.lab });
    const volume = new docker.Volume(
      `configuration-${place.name}`,
      { name: configurationVolume(args.lab, place.name), labels },
      { parent: this },
    );
    const needs = needsOf[place.role === "worker" ? "worker" : "other"];
    const data = place.role === "worker" ? [this.#containers(place, labels, args.lab), treeOf(place, args.nasTree)] : [];
    const machine = new docker.Container(
      `machine-${place.name}`,
      {
        name: args.containerName,
        image: args.image,
        hostname: place.name,
        ...needs,
        mounts: [{ type: "volume", source: volume.name, target: configurationDirectory }, ...data],
        networksAdvanced: args.cables.map(({ network, address }) => ({ name: network.name, ipv4Address: address })),
        uploads: [
          { file: "/etc/ssh/tandem/ssh_host_ed25519_key", content: pulumi.secret(args.hostKey) },
          { file: `${home(args.user)}/.ssh/authorized_keys`, content: args.operatorKey },
        ],
        // Closed until its preparation opens what its role needs.
        sysctls: { "net.ipv4.ip_forward": "0" },
        // Power comes back when somebody switches it on, not by itself.
        restart: "no",
        destroyGraceSeconds: 2,
        labels,
      },
      { parent: this, deleteBeforeReplace: true, replaceOnChanges: ["healthcheck", "init", "mounts", "tmpfs"] },
    );
    this.containerId = machine.id;
    this.registerOutputs({ host: place.name });
  }

  /** Images and layers of containers: an overlay can't lie on the machine's own, which is one. */
  #containers(place: HostPlace, labels: docker.types.input.VolumeLabel[], lab: string): docker.types.input.ContainerMount {
    const volume = new docker.Volume(
      `containers-${place.name}`,
      { name: `${labNames.container(lab, place.name)}-containers`, labels },
      { parent: this },
    );
    return { type: "volume", source: volume.name, target: "/var/lib/containerd" };
  }
}

/** What stands for NFS on a machine that runs pods: its own zone's tree, and no other's (scripts/lab/mount.nfs.sh). */
const treeOf = ({ zone }: HostPlace, source: string): docker.types.input.ContainerMount => ({
  ...{ type: "bind", source, target: `/var/lib/tandem-nas/${zone}` },
});

/**
 * What a container needs in order to play a machine. NET_ADMIN: routes, rules and addresses of its own namespace. SYS_ADMIN: to make its own network
 * settings writable. One that runs containers itself makes what their isolation is made of: mounts, control groups of its own, system calls that
 * an ordinary container may not use. Not SYS_RESOURCE: the lab's machine may not have it either.
 */
const needsOf = {
  other: { capabilities: { adds: ["CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_SYS_ADMIN"] } },
  worker: {
    capabilities: {
      adds: ["CAP_DAC_READ_SEARCH", "CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_SYSLOG", "CAP_SYS_ADMIN", "CAP_SYS_PTRACE"],
    },
    cgroupnsMode: "private",
    // A quarter of any other container's part when processors are short: on a machine of its own it could take none from the core.
    cpuShares: 256,
    devices: [{ hostPath: "/dev/kmsg", containerPath: "/dev/kmsg", permissions: "r" }],
    securityOpts: ["apparmor=unconfined", "seccomp=unconfined"],
    tmpfs: { "/run": "exec", "/tmp": "exec" },
  },
} satisfies Record<string, Partial<docker.ContainerArgs>>;

const home = (user: string): string => (user === "root" ? "/root" : `/home/${user}`);
