import { addressText, parseNetwork } from "./addresses.ts";
import { harborPassword, harborPasswords, harborTokenKey, registryAccounts, registryName, registryPassword } from "./registry.ts";
import type { Host, HostRole, Site, Topology, Vip } from "./topology.ts";

// Every certificate and password of the platform's services. Whom a certificate names follows from the topology and is never typed.

/** What signs: the platform's authority, which hosts trust, or one of a site's own, which only its Kubernetes API listens to. */
export type AuthorityRole = "platform" | `kubernetes-${string}` | `front-proxy-${string}`;

export interface Certificate {
  /** `<purpose>-<host>`, or `<purpose>-<site>` where all of a site's hosts share it. */
  readonly name: string;
  readonly signedBy: AuthorityRole;
  /** In a certificate for Kubernetes the common name is the user and the organization the group. */
  readonly subject: { readonly commonName: string; readonly organization?: string; readonly organizationalUnit?: string };
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  readonly uses: readonly ("client" | "server")[];
}

/** The authorities of a site's cluster: what they sign is a user of that cluster and of nothing else. */
export const kubernetesAuthority = (site: string): AuthorityRole => `kubernetes-${site}`;
/** Signs only what the API server shows to the servers of aggregated APIs: any other certificate of it could speak for every user. */
export const frontProxyAuthority = (site: string): AuthorityRole => `front-proxy-${site}`;

export function authorityRolesOf(topology: Topology): AuthorityRole[] {
  return ["platform", ...sitesOf(topology).flatMap(({ name }) => [kubernetesAuthority(name), frontProxyAuthority(name)])];
}

export function certificatesOf(topology: Topology): Certificate[] {
  return sitesOf(topology).flatMap((site) => [
    ...hostsOf(site, "database").map((host) => databaseServer(topology, site, host)),
    ...databaseClients.map((purpose) => databaseClient(topology, site.name, purpose, site.name)),
    ...hostsOf(site, "balancer").map((host) => balancer(topology, site, host)),
    ...hostsOf(site, "control-plane").flatMap((host) => controlPlane(topology, site, host)),
    ...hostsOf(site, "worker").flatMap((host) => worker(site, host)),
    ...hostsOf(site, "nas").map((host) => nas(topology, site, host)),
    ...hostsOf(site, "registry").map((host) => registry(topology, site, host)),
    kubernetesUser(site.name, "kubernetes-administrator", site.name, "administrator", "system:masters"),
  ]);
}

/** Purposes of database clients that all of a site's hosts share; the control plane's datastore has a certificate a host. */
const databaseClients = ["backup", "drill", "health-check", "monitoring", "replication"] as const;

/** Names of the passwords, one a purpose: the database has none, its accounts are proved by certificate. Both sites have the same, so that each can take the other's place; `-<site>` marks those of one site. */
export function passwordsOf(topology: Topology): string[] {
  return [
    "balancer-statistics",
    ...sitesOf(topology).map(({ name }) => `kubernetes-encryption-${name}`),
    ...registryAccounts(topology).map(({ name }) => registryPassword(name)),
    ...(topology.flavors.registry === "harbor" ? harborPasswords.map(harborPassword) : []),
  ];
}

/** Those of them of which somebody who asks for a password knows a bcrypt hash alone: made with the password, under the name of `hashName`. */
export const hashedPasswordsOf = ({ flavors }: Topology): string[] =>
  flavors.registry === "harbor" ? [harborPassword("storage")] : [];

export const hashName = (password: string): string => `${password}-bcrypt`;

/** Names of keys that sign without a certificate. RSA, 4096 bits, whatever the certificates' keys are: Harbor signs by RS256 alone. */
export const signingKeysOf = ({ flavors }: Topology): string[] => (flavors.registry === "harbor" ? [harborTokenKey] : []);

/** Also a client: members of the cluster log in to one another, and the other site's replicate from it. */
function databaseServer(topology: Topology, site: Site, host: Host): Certificate {
  const vips = vipsOf(site, ["database"]);
  return {
    name: `database-${host.name}`,
    signedBy: "platform",
    subject: service(topology, site.name, host.name),
    dnsNames: ["localhost", ...namesOf(host), ...vips.map(({ fqdn }) => fqdn)],
    ipAddresses: [loopback, host.addresses.management, host.addresses.storage, ...vips.map(({ address }) => address)],
    uses: ["client", "server"],
  };
}

/** The database knows a user by the subject, so it is the same on all of a site's hosts. */
const databaseClient = (topology: Topology, site: string, purpose: string, holder: string): Certificate => ({
  ...client(`database-${purpose}-${holder}`, "platform"),
  subject: service(topology, site, `database-${purpose}`),
});

/** Each site's NAS is the other's client or its server, as their roles are. */
const nas = (topology: Topology, site: Site, host: Host): Certificate => ({
  name: `nas-${host.name}`,
  signedBy: "platform",
  subject: service(topology, site.name, host.name),
  dnsNames: namesOf(host),
  ipAddresses: [host.addresses.storage],
  uses: ["client", "server"],
});

function registry(topology: Topology, site: Site, host: Host): Certificate {
  const vips = vipsOf(site, ["registry"]);
  return {
    name: `registry-${host.name}`,
    signedBy: "platform",
    subject: service(topology, site.name, host.name),
    dnsNames: [...namesOf(host), registryName(topology), ...vips.map(({ fqdn }) => fqdn)],
    ipAddresses: [host.addresses.management, ...vips.map(({ address }) => address)],
    uses: ["server"],
  };
}

function balancer(topology: Topology, site: Site, host: Host): Certificate {
  const vips = vipsOf(site, ["kubernetes-api", "registry"]);
  return {
    name: `balancer-${host.name}`,
    signedBy: "platform",
    subject: service(topology, site.name, host.name),
    dnsNames: ["localhost", ...namesOf(host), ...vips.map(({ fqdn }) => fqdn)],
    ipAddresses: [loopback, host.addresses.management, ...vips.map(({ address }) => address)],
    uses: ["server"],
  };
}

function controlPlane(topology: Topology, site: Site, host: Host): Certificate[] {
  const vips = vipsOf(site, ["kubernetes-api"]);
  return [
    {
      name: `kube-apiserver-${host.name}`,
      signedBy: "platform",
      subject: service(topology, site.name, "kube-apiserver"),
      dnsNames: ["localhost", ...apiServiceNames, ...namesOf(host), ...vips.map(({ fqdn }) => fqdn)],
      ipAddresses: [loopback, apiServiceAddress(topology), host.addresses.management, ...vips.map(({ address }) => address)],
      uses: ["server"],
    },
    kubernetesUser(site.name, "kube-apiserver-kubelet-client", host.name, "kube-apiserver-kubelet-client"),
    kubernetesUser(site.name, "kube-controller-manager", host.name, "system:kube-controller-manager"),
    kubernetesUser(site.name, "kube-scheduler", host.name, "system:kube-scheduler"),
    {
      name: `metrics-server-${host.name}`,
      signedBy: "platform",
      subject: service(topology, site.name, "metrics-server"),
      dnsNames: [`${metricsService.name}.${metricsService.namespace}.svc`],
      ipAddresses: [loopback],
      uses: ["server"],
    },
    kubernetesUser(site.name, "metrics-server-client", host.name, metricsServerUser),
    {
      ...client(`front-proxy-client-${host.name}`, frontProxyAuthority(site.name)),
      subject: { commonName: "front-proxy-client" },
    },
    {
      name: `kine-${host.name}`,
      signedBy: "platform",
      subject: service(topology, site.name, "kine"),
      dnsNames: ["localhost"],
      ipAddresses: [loopback],
      uses: ["server"],
    },
    { ...client(`kine-client-${host.name}`, "platform"), subject: service(topology, site.name, "kine-client") },
    databaseClient(topology, site.name, "datastore", host.name),
  ];
}

/** The API server believes its cluster's own authority alone about kubelets, so what a kubelet shows to it is of that one too. */
function worker(site: Site, host: Host): Certificate[] {
  return [
    {
      ...kubernetesUser(site.name, "kubelet", host.name, `system:node:${host.name}`, "system:nodes"),
      dnsNames: namesOf(host),
      ipAddresses: [host.addresses.management],
      uses: ["client", "server"],
    },
    kubernetesUser(site.name, "kube-proxy", host.name, "system:kube-proxy"),
    kubernetesUser(site.name, "calico", host.name, `${calicoUser}:${host.name}`, calicoUser),
  ];
}

function kubernetesUser(site: string, purpose: string, holder: string, user: string, group?: string): Certificate {
  return {
    ...client(`${purpose}-${holder}`, kubernetesAuthority(site)),
    subject: { commonName: user, ...(group !== undefined && { organization: group }) },
  };
}

const client = (name: string, signedBy: AuthorityRole) =>
  ({ name, signedBy, dnsNames: [], ipAddresses: [], uses: ["client"] }) as const;

const service = (topology: Topology, site: string, commonName: string) => ({
  commonName,
  organization: topology.trust.organization,
  organizationalUnit: site,
});

/** The group of all nodes' network plugins: what they may do is bound to it. */
export const calicoUser = "tandem:calico";

/** The user that all of a site's metrics-servers are; and the service by whose name API servers know them. */
export const metricsServerUser = "tandem:metrics-server";
export const metricsService = { name: "metrics-server", namespace: "kube-system" } as const;

const loopback = "127.0.0.1";

/** How pods call the API: the service `kubernetes` in the namespace `default`, and its address, the first of the service range. */
const apiServiceNames = [
  "kubernetes",
  "kubernetes.default",
  "kubernetes.default.svc",
  "kubernetes.default.svc.cluster.local",
] as const;

function apiServiceAddress({ kubernetes }: Topology): string {
  const network = parseNetwork(kubernetes.serviceCidr);
  if (!network) throw new Error(`${kubernetes.serviceCidr}: the environment was not checked by its rules`);
  return addressText(network.first + 1);
}

const namesOf = ({ name, fqdn }: Host): string[] => [name, fqdn];

/** In an order that a change of roles leaves alone. */
const sitesOf = ({ sites }: Topology): Site[] => [...sites].sort((a, b) => a.name.localeCompare(b.name));

/** A host that died takes its keys along: the one in its place gets new ones. */
const hostsOf = (site: Site, role: HostRole): Host[] =>
  site.zones.flatMap(({ hosts }) => hosts.filter((host) => host.role === role && host.inService));

const vipsOf = (site: Site, names: readonly string[]): Vip[] =>
  site.zones.flatMap(({ vips }) => vips.filter(({ name }) => names.includes(name)));
