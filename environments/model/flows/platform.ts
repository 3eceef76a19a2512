import { balancerPorts, controlPlanePorts, databasePorts, gatewayPorts, platformPorts } from "../ports.ts";
import { type HostRole, type Plane, planes, type Site, type Topology, type Zone } from "../topology.ts";
import { hostsParty, operatorsOf, outside, type Party, platformOf, roleParty, vipParty, withRole } from "./party.ts";
import type { FlowRow, Protocol } from "./table.ts";

/** Undefined where a site has no such end. */
type End = Party | undefined;

/** What the platform's own services need, derived from where they are. */
export function platformRows(topology: Topology): FlowRow[] {
  return topology.sites.flatMap((site) => [
    ...coreRows(site),
    ...betweenSites(topology, site),
    ...accessRows(topology, site),
    ...site.zones.flatMap((zone) => zoneRows(topology, site, zone)),
  ]);
}

const row =
  (protocol: Protocol) =>
  (name: string, plane: Plane, from: End, to: End, ports: readonly number[], purpose: string): FlowRow[] =>
    // A role that no host has needs nothing.
    from && to && from.cidrs.length > 0 && to.cidrs.length > 0
      ? [{ name, source: "platform", from, to, plane, protocol, ports, purpose, owner: "Platform" }]
      : [];

const tcp = row("tcp");
const udp = row("udp");
const vrrp = row("vrrp");
const icmp = row("icmp");

/** Within the platform zone of a site: database, balancers, control plane. */
function coreRows(site: Site): FlowRow[] {
  const zone = platformOf(site);
  const on = (plane: Plane) => (role: HostRole) => roleParty(zone, role, plane);
  const [managed, stored] = [on("management"), on("storage")];
  const workers = stored("worker");
  const { clients, health, cluster, incrementalTransfer, stateTransfer } = databasePorts;
  const galera = [health, stateTransfer, cluster, incrementalTransfer];
  const api = [controlPlanePorts.api];
  return [
    ...tcp("galera", "storage", stored("database"), stored("database"), galera, "The database's nodes replicate"),
    ...tcp(
      "database-balancing",
      "storage",
      stored("balancer"),
      stored("database"),
      [clients, health],
      "Clients go to the writer",
    ),
    ...tcp("datastore", "storage", stored("control-plane"), vipParty(zone, "database"), [clients], "Kubernetes keeps its state"),
    ...tcp("database-health", "storage", workers, stored("database"), [health], "Monitoring reads the nodes' health pages"),
    ...tcp(
      "database-probe",
      "storage",
      workers,
      vipParty(zone, "database"),
      [clients],
      "Monitoring and drills write a row and read it back",
    ),
    ...tcp("database-backup", "storage", stored("database"), stored("nas"), [platformPorts.nfs], "Backups lie on the NAS"),
    ...tcp("api-balancing", "management", managed("balancer"), managed("control-plane"), api, "Clients go to a ready API server"),
    ...tcp(
      "registry-balancing",
      "management",
      managed("balancer"),
      managed("registry"),
      [platformPorts.registry],
      "Clients go to the registry",
    ),
    ...vrrp(
      "balancer-vrrp",
      "management",
      managed("balancer"),
      managed("balancer"),
      [],
      "The balancers agree on who holds the VIPs",
    ),
    ...vrrp("balancer-vrrp", "storage", stored("balancer"), stored("balancer"), [], "The balancers agree on who holds the VIPs"),
  ];
}

/** From a site to the other one. */
function betweenSites(topology: Topology, site: Site): FlowRow[] {
  const here = platformOf(site);
  return topology.sites
    .filter(({ name }) => name !== site.name)
    .flatMap((other) => {
      const there = platformOf(other);
      const stored = (role: HostRole) => roleParty(here, role, "storage");
      const registry = roleParty(here, "registry", "management");
      return [
        ...tcp(
          "database-replication",
          "storage",
          stored("database"),
          vipParty(there, "database"),
          [databasePorts.clients],
          "A site's database follows the other's",
        ),
        // Appliances follow one another by means of their own.
        ...(topology.flavors.nas === "external"
          ? []
          : tcp(
              "nas-replication",
              "storage",
              stored("nas"),
              roleParty(there, "nas", "storage"),
              [platformPorts.nasReplication],
              "Files follow to the other site",
            )),
        ...tcp(
          "registry-replication",
          "management",
          registry,
          vipParty(there, "registry"),
          [platformPorts.registry],
          "Images follow to the other site",
        ),
      ];
    });
}

/** People, and the program that deploys, at a site's shared services. */
function accessRows(topology: Topology, site: Site): FlowRow[] {
  const zone = platformOf(site);
  const operators = operatorsOf(topology, zone);
  const balancers = roleParty(zone, "balancer", "management");
  return [
    ...tcp(
      "administration",
      "management",
      operators,
      vipParty(zone, "kubernetes-api"),
      [controlPlanePorts.api],
      "The Kubernetes API",
    ),
    ...tcp(
      "api-servers",
      "management",
      operators,
      roleParty(zone, "control-plane", "management"),
      [controlPlanePorts.api],
      "Each API server's own health",
    ),
    ...tcp("image-delivery", "management", operators, vipParty(zone, "registry"), [platformPorts.registry], "Images are loaded"),
    ...tcp("balancer-status", "management", operators, balancers, [balancerPorts.statistics], "The balancers' status page"),
  ];
}

/** What every zone needs: of its own gateways, of the platform zone, and of people and services outside. */
function zoneRows(topology: Topology, site: Site, zone: Zone): FlowRow[] {
  const { ssh, dns, time, flavors } = topology;
  const shared = platformOf(site);
  const { dns: dnsPort, hostMetrics, kubelet, logs, nfs, ntp, registry } = platformPorts;
  const inService = zone.hosts.filter((host) => host.inService);
  const all = hostsParty(`${zone.name}/*`, zone, inService, "management");
  const workersOf = (of: Zone, plane: Plane) => hostsParty(of.name, of, withRole(of, "worker"), plane);
  const [workers, monitoring] = [workersOf(zone, "management"), workersOf(shared, "management")];
  const gateways = roleParty(zone, "gateway", "management");
  const areOurs = flavors.gateway === "software";
  // The company's own gateways answer no questions: each host asks beyond them.
  const resolver = areOurs ? vipParty(zone, "gateway-management") : undefined;
  const [asking, who] = areOurs ? [gateways, "Gateways"] : [all, "Hosts"];
  const controlPlane = roleParty(shared, "control-plane", "management");
  const operators = operatorsOf(topology, zone);
  const others = topology.sites.filter(({ name }) => name !== site.name);
  const hostRoutes = (addresses: readonly string[]) => addresses.map((address) => `${address}/32`);
  const nameServers = outside("name servers", hostRoutes(dns.servers));
  const timeServers = outside("time servers", hostRoutes(time.servers));
  return [
    ...tcp("operation", "management", operators, all, [ssh.port], "Operators and deployments reach hosts by SSH"),
    ...icmp("operation-echo", "management", operators, all, [], "Operators see whether a host answers"),
    ...tcp(
      "kubernetes-api",
      "management",
      workers,
      vipParty(shared, "kubernetes-api"),
      [controlPlanePorts.api],
      "Nodes reach the Kubernetes API",
    ),
    ...tcp(
      "kubernetes-service",
      "management",
      workers,
      controlPlane,
      [controlPlanePorts.api],
      "Pods reach it by the service kubernetes",
    ),
    ...tcp("kubelet", "management", controlPlane, workers, [kubelet], "Logs, exec, health and use of pods"),
    ...tcp("node-metrics", "management", monitoring, workers, [kubelet], "Monitoring"),
    ...tcp("host-metrics", "management", monitoring, all, [hostMetrics], "Monitoring"),
    ...tcp("logs", "management", all, monitoring, [logs], "Hosts and pods send their logs"),
    ...tcp("images", "management", all, vipParty(shared, "registry"), [registry], "Hosts pull images"),
    ...others.flatMap((other) =>
      tcp(
        "images-of-other-site",
        "management",
        all,
        vipParty(platformOf(other), "registry"),
        [registry],
        "Hosts pull images while their own site's registry is away",
      ),
    ),
    ...tcp(
      "volumes",
      "storage",
      workersOf(zone, "storage"),
      roleParty(shared, "nas", "storage"),
      [nfs],
      "Volumes of pods and containers",
    ),
    ...[tcp, udp].flatMap((protocol) => [
      ...protocol("names", "management", all, resolver, [dnsPort], "Each zone resolves names at its own gateways"),
      ...protocol("names-outside", "management", asking, nameServers, [dnsPort], `${who} ask the company's name servers`),
    ]),
    ...udp("time", "management", all, timeServers, [ntp], "Clocks follow the company's time servers"),
    ...udp(
      "gateway-states",
      "management",
      gateways,
      gateways,
      [gatewayPorts.connectionStates],
      "The gateways tell one another of the connections that pass",
    ),
    ...planes.flatMap((plane) => {
      const pair = roleParty(zone, "gateway", plane);
      return vrrp("gateway-vrrp", plane, pair, pair, [], "The gateways agree on who holds the zone's addresses");
    }),
  ];
}
