import * as pulumi from "@pulumi/pulumi";
import { BalancedService } from "../components/balancer/balanced-service.ts";
import { BalancerPair } from "../components/balancer/balancer-pair.ts";
import { ClusterAccess } from "../components/control-plane/cluster-access.ts";
import { ControlPlane } from "../components/control-plane/control-plane.ts";
import { DatabaseBackup } from "../components/database/database-backup.ts";
import { MysqlCluster } from "../components/database/mysql-cluster.ts";
import { ServiceDirectory } from "../components/host/service-directory.ts";
import {
  type Host as HostPlace,
  type HostRole,
  platformZone,
  type Site,
  type Topology,
  type Vip,
  type Zone,
} from "../environments/model/topology.ts";
import { credentialsOf } from "./credentials.ts";
import { declareHosts } from "./hosts.ts";
import { imageOf } from "./images.ts";
import { readRecordedCore } from "./upstream.ts";

const coreRoles: readonly HostRole[] = ["balancer", "control-plane", "database"];
const serviceRoles: readonly HostRole[] = ["nas", "registry"];

/** The core of a site: database, balancers, control plane. */
export async function core(topology: Topology, site: Site): Promise<Record<string, unknown>> {
  const zone = platformZoneOf(site);
  const { hosts, identity } = await declareHosts(topology, { site }, placesOf(zone, coreRoles));
  const credentials = await credentialsOf(topology);
  const recorded = await readRecordedCore();
  const database = new MysqlCluster(`database-${site.name}`, {
    ...{ topology, site, hosts, credentials },
    image: imageOf(topology, "database"),
    isMade: recorded.databaseIsMade ?? false,
  });
  new DatabaseBackup(
    `database-backup-${site.name}`,
    { topology, site, hosts, credentials, image: imageOf(topology, "database") },
    { dependsOn: database },
  );
  const pair = new BalancerPair(`balancers-${site.name}`, {
    hosts: [...hosts.values()].filter(({ place }) => place.role === "balancer"),
    zone,
    timings: topology.timings,
    credentials,
    images: { haproxy: imageOf(topology, "haproxy"), keepalived: imageOf(topology, "keepalived") },
  });
  const databaseVip = new BalancedService(`database-vip-${site.name}`, {
    ...database.service,
    pair,
    vip: vipOf(zone, "database"),
  });
  const controlPlane = new ControlPlane(`control-plane-${site.name}`, {
    ...{ topology, site, hosts, credentials },
    images: {
      kine: imageOf(topology, "kine"),
      "kube-apiserver": imageOf(topology, "kube-apiserver"),
      "kube-controller-manager": imageOf(topology, "kube-controller-manager"),
      "kube-scheduler": imageOf(topology, "kube-scheduler"),
    },
    after: pulumi.all([database.isMade, databaseVip.serving]).apply(() => []),
    recorded: recorded.cluster,
  });
  const api = new BalancedService(`kubernetes-api-vip-${site.name}`, {
    ...controlPlane.service,
    pair,
    vip: vipOf(zone, "kubernetes-api"),
  });
  new ClusterAccess(
    `kubernetes-${site.name}`,
    { kubeconfig: controlPlane.administratorKubeconfig, clusterUid: controlPlane.clusterUid },
    { dependsOn: [...controlPlane.apiServers, api] },
  );
  return {
    identity,
    core: { databaseIsMade: database.isMade, cluster: controlPlane.recorded },
    kubeconfig: controlPlane.administratorKubeconfig,
  };
}

/** What stands on the core: NAS, registry. */
export async function services(topology: Topology, site: Site): Promise<Record<string, unknown>> {
  const { hosts, identity } = await declareHosts(topology, { site }, placesOf(platformZoneOf(site), serviceRoles));
  for (const host of hosts.values()) {
    new ServiceDirectory(`${host.place.role}-${host.place.name}`, { host, service: host.place.role });
  }
  return { identity };
}

function platformZoneOf(site: Site): Zone {
  const zone = site.zones.find(({ name }) => name === platformZone);
  if (!zone) throw new Error(`${site.name}: it has no zone ${platformZone}`);
  return zone;
}

const placesOf = (zone: Zone, roles: readonly HostRole[]): HostPlace[] => zone.hosts.filter((host) => roles.includes(host.role));

function vipOf(zone: Zone, name: string): Vip {
  const vip = zone.vips.find((each) => each.name === name);
  if (!vip) throw new Error(`${zone.site} ${zone.name}: it has no VIP ${name}`);
  return vip;
}
