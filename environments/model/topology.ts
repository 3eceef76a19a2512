import type { PolicyException } from "./policy-exception.ts";
import type { RegistryAccounts, RegistryProjects, RegistryReplication } from "./registry-settings.ts";
// The platform as plain data: what every renderer, component, stack and script reads. Derived from an environment file, never typed.

export const planes = ["business", "management", "storage"] as const;
/** One of the three segregated networks of a zone. */
export type Plane = (typeof planes)[number];

export const hostRoles = ["gateway", "balancer", "control-plane", "database", "nas", "registry", "worker"] as const;
export type HostRole = (typeof hostRoles)[number];

/** The zone of a site that holds the shared services. */
export const platformZone = "platform";

export const stages = ["production", "acceptance", "test", "development"] as const;
/** What the platform is used for: production is held to more rules. */
export type Stage = (typeof stages)[number];

export interface Topology {
  readonly platform: string;
  readonly stage: Stage;
  /** `ssh`: real machines. `lab`: containers of one machine. */
  readonly machines: "ssh" | "lab";
  readonly availability: AvailabilityMode;
  readonly timings: Timings;
  readonly dns: { readonly domain: string; readonly servers: readonly string[] };
  readonly time: { readonly zone: string; readonly servers: readonly string[] };
  /** The interface of a real machine that carries the VLANs of all planes, as in `bond0`. */
  readonly trunk: string;
  readonly trust: Trust;
  /** How operators and the program reach hosts on their management addresses. */
  readonly ssh: {
    readonly user: string;
    readonly port: number;
    /** Name of the file that pins the hosts' keys: beside the environment file, in a lab in the lab's directory. */
    readonly knownHosts: string;
  };
  /** Networks that operators work from. */
  readonly operators: readonly string[];
  /** Active site first, then by name. */
  readonly sites: readonly Site[];
  readonly kubernetes: { readonly podCidr: string; readonly serviceCidr: string; readonly version: string };
  /** What the business asked for. */
  readonly objectives: { readonly rtoMinutes: number; readonly rpoMinutes: number };
  /** Of the databases. */
  readonly backup: {
    /** Hours between full backups; binary logs are copied all the time. */
    readonly fullEveryHours: number;
    /** Days that the databases can be restored to any time of. */
    readonly keepDays: number;
    /** What they may take of the NAS. */
    readonly sizeGib: number;
  };
  /** How long logs are kept. */
  readonly logs: {
    /** Days of the gateways' log of dropped packets. */
    readonly networkDays: number;
  };
  /** Which product fills a role. */
  readonly flavors: Flavors;
  /** Full image reference by the name of its service, as in `haproxy`. */
  readonly images: Readonly<Record<string, string>>;
  /** Where images come from that must start before the site's own registry. */
  readonly seed: { readonly archive: string } | { readonly registry: string };
  /** The sites' image registries. */
  readonly registry: {
    /** How the standby site's follows the active site's: each image as soon as it is pushed, and besides all that it lacks on a schedule. */
    readonly replication: RegistryReplication;
    readonly projects?: RegistryProjects;
    readonly accounts?: RegistryAccounts;
  };
  /** How the standby's NAS follows the active site's; absent where the NAS is not ours. */
  readonly nasReplication?: { readonly everyMinutes: number };
  /** Where the sites' NAS has the zones' trees: empty, or an absolute path. */
  readonly nasPath: string;
  /** On the NAS of every site, in the file's order; what the platform itself needs is not among them. */
  readonly volumes: readonly Volume[];
  /** Networks outside the platform that flows name. */
  readonly networks: Readonly<Record<string, readonly string[]>>;
  /** Connections that the business needs, by name; what the platform itself needs is not among them. */
  readonly flows: readonly Flow[];
  /** What may break a policy. */
  readonly exceptions: readonly PolicyException[];
}

export const keyTypes = ["ecdsa-p256", "ecdsa-p384", "rsa-2048", "rsa-3072", "rsa-4096"] as const;
export type KeyType = (typeof keyTypes)[number];

export interface Trust {
  readonly organization: string;
  /** Hosts trust all of them, the first one issues. */
  readonly authorities: readonly Authority[];
  readonly newAuthorities: { readonly key: KeyType; readonly lifetimeDays: number };
  readonly certificates: {
    readonly key: KeyType;
    readonly lifetimeDays: number;
    /** Days before its end from which an `up` renews a certificate. */
    readonly renewDays: number;
  };
}

export interface Authority {
  readonly name: string;
  /** Only of the user's own authority: the file beside the environment file that has its certificate and its parents'. */
  readonly certificateFile?: string;
}

export interface Flavors {
  readonly database: "percona-xtradb-cluster" | "mariadb-galera";
  readonly registry: "harbor" | "distribution";
  readonly nas: "ganesha" | "external";
  readonly gateway: "software" | "external";
}

/** A directory of a zone's tree on the NAS of each site. */
export interface Volume {
  readonly zone: string;
  /** What belongs together, as in `claims`. */
  readonly stack: string;
  /** The service that it is for, or what several share. */
  readonly service: string;
  /** Below the NAS's root, as in `policy/claims/documents`. */
  readonly directory: string;
  readonly sizeGib: number;
  /** Services that use it. */
  readonly users: readonly string[];
  /** Of a StorageClass, whose claims have their directories in it: whether these stay when their claim is deleted. */
  readonly reclaimPolicy?: "Retain" | "Delete";
  /** Each site has its own, which does not follow to the other one. */
  readonly isOfSite: boolean;
}

/** One allowed connection, on every site. Ends: a zone, `<zone>/<role>`, `<zone>/<vip>`, or a name of `networks`. */
export interface Flow {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly plane: Plane;
  readonly protocol: "tcp" | "udp";
  readonly ports: readonly number[];
  readonly purpose: string;
  readonly owner: string;
  /** Present where the flow passes between zones, unless it asks a shared service on management or storage. */
  readonly exception?: { readonly owner: string; readonly reason: string; readonly expires: string };
}

export const availabilityModes = ["fast", "norm", "safe"] as const;
export type AvailabilityMode = (typeof availabilityModes)[number];

/** Failure detection, all derived from the availability mode. */
export interface Timings {
  readonly vrrpAdvertSeconds: number;
  readonly healthIntervalMs: number;
  readonly healthFastIntervalMs: number;
  readonly healthFall: number;
  readonly galeraKeepaliveSeconds: number;
  readonly galeraSuspectSeconds: number;
  readonly galeraInactiveSeconds: number;
  /** Of the lease that one of the controllers of each kind leads by. */
  readonly leaderLeaseSeconds: number;
  readonly nodeLeaseSeconds: number;
  readonly nodeGraceSeconds: number;
  /** A pod stays this long on a node that is not heard of: its workloads may be well. */
  readonly podTolerationSeconds: number;
  /** Of what a client holds on the NAS. */
  readonly nasLeaseSeconds: number;
}

export interface Site {
  readonly name: string;
  /** 1 for the first site by name, 2 for the next: roles and with them the order of sites change, this does not. */
  readonly number: number;
  readonly role: "active" | "standby";
  readonly racks: readonly string[];
  /** The site's core network, where the zones' gateways meet. */
  readonly core: {
    readonly vlan: number;
    readonly cidr: string /** The company's own router in it: the way to everything outside. */;
    readonly upstream: string;
  };
  /** The link to the other site. */
  readonly interSite: { readonly vlan: number; readonly cidr: string };
  /** The platform zone first, then the business zones in the file's order. */
  readonly zones: readonly Zone[];
}

export interface Zone {
  readonly name: string;
  readonly site: string;
  readonly planes: Readonly<Record<Plane, PlaneNetwork>>;
  /** Where its gateways meet those of the site's other zones, and the company's own router. */
  readonly core: Uplink;
  /** The platform zone's gateways hold the link between the sites. */
  readonly link?: Uplink;
  readonly hosts: readonly Host[];
  readonly vips: readonly Vip[];
  /** The platform zone's, where the NAS is not ours: its address on the storage plane. */
  readonly externalNas?: string;
  /** Whether its workers are nodes of its site's cluster. */
  readonly hasNodes: boolean;
  /** Where its pods are. They leave the zone with the address of their node. */
  readonly pods: PodNetwork;
}

export interface PodNetwork {
  readonly cidr: string;
  /** Of each worker, by the host's name: a /24 of the zone's. */
  readonly nodes: Readonly<Record<string, string>>;
  /** The service that answers the zone's pods who ask for a name: no other zone's do. */
  readonly dns: string;
}

/** A network in which a zone's gateways are reached from outside of the zone. */
export interface Uplink {
  readonly name: "core" | "link";
  readonly vlan: number;
  readonly cidr: string;
  readonly prefixLength: number;
  /** The address that the pair holds. */
  readonly address: string;
  /** VRRP virtual router id of that address, unique on the network. */
  readonly vrid: number;
  /** Each gateway's own address, by the host's name. */
  readonly own: Readonly<Record<string, string>>;
}

/** Networks outside of its zone in which a host is, with its own address there: a gateway's alone. */
export const uplinksOf = ({ core, link }: Zone, { name }: Pick<Host, "name">): (Uplink & { readonly ownAddress: string })[] =>
  [core, ...(link ? [link] : [])].flatMap((uplink) => {
    const ownAddress = uplink.own[name];
    return ownAddress === undefined ? [] : [{ ...uplink, ownAddress }];
  });

export interface PlaneNetwork {
  readonly plane: Plane;
  readonly vlan: number;
  readonly cidr: string;
  readonly prefixLength: number;
  /** The address that the zone's gateway pair holds: the way out of the zone in this plane. */
  readonly gateway: string;
  /** Lab only, management planes only: the machine's own address on this network, from which hosts are reached. */
  readonly operatorAddress?: string;
}

export interface Host {
  /** Unique in the platform: `<site>-<zone>-<short name>`, as in `dc1-platform-db1`. */
  readonly name: string;
  /** Unique in its zone, as in `db1`. */
  readonly shortName: string;
  readonly site: string;
  readonly zone: string;
  readonly role: HostRole;
  readonly rack: string;
  /** False for a host that died and was not replaced yet: nothing is deployed to it. */
  readonly inService: boolean;
  readonly size: Size;
  readonly addresses: Readonly<Record<Plane, string>>;
  /** Fully qualified, as in `db1.platform.dc1.lab.tandem.internal`. */
  readonly fqdn: string;
}

/** What a host has at least. */
export interface Size {
  readonly cpus: number;
  readonly memoryGib: number;
  readonly diskGib: number;
}

export interface Vip {
  /** Unique in its zone, as in `database`, `kubernetes-api`, `gateway-business`. */
  readonly name: string;
  /** As in `database.platform.dc1.lab.tandem.internal`. */
  readonly fqdn: string;
  readonly plane: Plane;
  readonly address: string;
  /** VRRP virtual router id, unique on its network. */
  readonly vrid: number;
  /** Names of the two hosts that can hold it. */
  readonly holders: readonly string[];
}
