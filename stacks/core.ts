import * as pulumi from "@pulumi/pulumi";
import { BalancedService } from "../components/balancer/balanced-service.ts";
import { BalancerPair } from "../components/balancer/balancer-pair.ts";
import { PodNetworkKinds } from "../components/cluster/pod-network-kinds.ts";
import { ResourceMetrics } from "../components/cluster/resource-metrics.ts";
import { SnapshotKinds } from "../components/cluster/snapshot-kinds.ts";
import { ZonePlacement } from "../components/cluster/zone-placement.ts";
import { type ApiAddress, readClusterUid, unreadyFirst } from "../components/control-plane/api-health.ts";
import { ClusterAccess } from "../components/control-plane/cluster-access.ts";
import { ControlPlane, resolved } from "../components/control-plane/control-plane.ts";
import { type RecordedCluster, uidProblem } from "../components/control-plane/recorded-cluster.ts";
import { DatabaseBackup } from "../components/database/database-backup.ts";
import { MysqlCluster } from "../components/database/mysql-cluster.ts";
import { NasReplication } from "../components/storage/nas-replication.ts";
import { NasServer } from "../components/storage/nas-server.ts";
import type { Credentials } from "../components/trust/credentials.ts";
import { exportsOf } from "../environments/model/exports.ts";
import { platformOf } from "../environments/model/flows/party.ts";
import type { Host as HostPlace, HostRole, Site, Topology, Zone } from "../environments/model/topology.ts";
import { isForClaims, volumesOf } from "../environments/model/volumes.ts";
import { credentialsOf } from "./credentials.ts";
import { declareHosts } from "./hosts.ts";
import { refuse } from "./identity.ts";
import { imageOf } from "./images.ts";
import { nasSourceOf } from "./nas.ts";
import { placesOf, vipOf } from "./places.ts";
import { readRecordedCore } from "./upstream.ts";

const coreRoles: readonly HostRole[] = ["balancer", "control-plane", "database", "nas"];

/** The core of a site: NAS, database, balancers, control plane. */
export async function core(topology: Topology, site: Site): Promise<Record<string, unknown>> {
  const zone = platformOf(site);
  const { hosts, identity } = await declareHosts(topology, { site }, placesOf(zone, coreRoles));
  const credentials = await credentialsOf(topology);
  const recorded = await readRecordedCore();
  await guardCluster(zone, credentials, recorded.cluster);
  const nasSource = nasSourceOf(topology, site);
  const nas = [...hosts.values()]
    .filter(({ place }) => place.role === "nas")
    .map((host) => {
      const image = imageOf(topology, "nas");
      const volumes = volumesOf(topology);
      const server = new NasServer(`nas-${host.place.name}`, {
        ...{ host, exports: exportsOf(topology, site), volumes, timings: topology.timings, image },
        ...(nasSource.kind === "directory" && { directory: nasSource.path }),
      });
      const other = nasOfOtherSite(topology, site);
      if (topology.nasReplication && other)
        new NasReplication(
          `nas-replication-${host.place.name}`,
          {
            ...{ host, other, volumes, image, credentials, data: server.data },
            ...{ follows: site.role === "standby", everyMinutes: topology.nasReplication.everyMinutes },
          },
          { dependsOn: server },
        );
      return server;
    });
  const database = new MysqlCluster(`database-${site.name}`, {
    ...{ topology, site, hosts, credentials },
    image: imageOf(topology, "database"),
    isMade: recorded.databaseIsMade ?? false,
  });
  new DatabaseBackup(
    `database-backup-${site.name}`,
    { topology, site, hosts, credentials, image: imageOf(topology, "database"), nas: nasSource },
    { dependsOn: [database, ...nas] },
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
      "metrics-server": imageOf(topology, "metrics-server"),
    },
    after: pulumi.all([database.isMade, databaseVip.serving]).apply(() => []),
    recorded: recorded.cluster,
    order: await turnsOfServers(zone, credentials, recorded.cluster),
  });
  const api = new BalancedService(`kubernetes-api-vip-${site.name}`, {
    ...controlPlane.service,
    pair,
    vip: vipOf(zone, "kubernetes-api"),
  });
  const { provider } = new ClusterAccess(
    `kubernetes-${site.name}`,
    { kubeconfig: controlPlane.administratorKubeconfig, clusterUid: controlPlane.clusterUid },
    { dependsOn: [...controlPlane.apiServers, api] },
  );
  new PodNetworkKinds(`pod-network-${site.name}`, { provider });
  const answersClaims = topology.volumes.some(isForClaims);
  new ZonePlacement(`zone-placement-${site.name}`, { provider, answersClaims });
  if (answersClaims) new SnapshotKinds(`snapshot-kinds-${site.name}`, { provider });
  new ResourceMetrics(`resource-metrics-${site.name}`, {
    ...{ site, provider, credentials },
    after: controlPlane.serving.apply(() => []),
  });
  const names = topology.trust.authorities.map(({ name }) => name);
  const serving = [database.isMade, pair.serving, databaseVip.serving, controlPlane.serving, api.serving];
  return {
    identity,
    // Recorded only when all that runs here trusts them: the next step of a rotation asks for it.
    authorities: pulumi.all(serving).apply(() => names),
    core: { databaseIsMade: database.isMade, cluster: controlPlane.recorded },
    kubeconfig: controlPlane.administratorKubeconfig,
  };
}

/** Refuses another cluster than the recorded one, before anything is registered. One that does not answer may be what this run repairs. */
async function guardCluster(zone: Zone, credentials: Credentials, recorded: RecordedCluster | undefined): Promise<void> {
  if (!recorded || pulumi.runtime.isDryRun()) return;
  const administrator = credentials.issued(`kubernetes-administrator-${zone.site}`);
  const caller = pulumi.all([credentials.authorities("platform"), administrator.certificate, administrator.privateKey]);
  const [authorities, certificate, privateKey] = await resolved(caller);
  const user = { certificate, privateKey };
  const uid = await readClusterUid(serversOf(zone), { authorities, user }, 0).catch(() => undefined);
  const problem = uid === undefined ? undefined : uidProblem(recorded, uid);
  refuse(problem === undefined ? [] : [problem]);
}

/** The order in which a change comes to the API servers: with two of three down, the one that serves is not the first to be stopped. */
async function turnsOfServers(
  zone: Zone,
  credentials: Credentials,
  recorded: RecordedCluster | undefined,
): Promise<readonly string[]> {
  const servers = serversOf(zone);
  if (!recorded || pulumi.runtime.isDryRun()) return servers.map(({ name }) => name);
  const authorities = await resolved(credentials.authorities("platform"));
  return (await unreadyFirst(servers, { authorities })).map(({ name }) => name);
}

const serversOf = (zone: Zone): ApiAddress[] =>
  placesOf(zone, ["control-plane"])
    .filter(({ inService }) => inService)
    .map(({ name, addresses: { management } }) => ({ name, address: management }));

const nasOfOtherSite = ({ sites }: Topology, { name }: Site): HostPlace | undefined =>
  sites
    .filter((site) => site.name !== name)
    .flatMap((site) => placesOf(platformOf(site), ["nas"]))
    .at(0);
