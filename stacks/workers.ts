import type * as pulumi from "@pulumi/pulumi";
import { siteProvider } from "../components/control-plane/cluster-access.ts";
import type { Host } from "../components/host/host.ts";
import { ZoneNamespaces } from "../components/namespaces/zone-namespaces.ts";
import { WorkerNodes } from "../components/worker/worker-nodes.ts";
import { platformZone, type Site, type Topology, type Zone } from "../environments/model/topology.ts";
import { claimsVolumes, isForClaims } from "../environments/model/volumes.ts";
import { credentialsOf } from "./credentials.ts";
import { imageNameOf } from "./images.ts";
import { readCluster } from "./upstream.ts";

/** A zone's part of its site's cluster: its nodes, its namespaces, and what their pods need. Its hosts are prepared already. */
export async function declareWorkers(
  topology: Topology,
  site: Site,
  zone: Zone,
  hosts: ReadonlyMap<string, Host>,
  after: readonly pulumi.Resource[] = [],
): Promise<pulumi.Output<readonly string[]>> {
  const credentials = await credentialsOf(topology);
  const recorded = await readCluster(`${topology.platform}-${site.name}`);
  const part = `${zone.site}-${zone.name}`;
  const clusterUid = recorded.apply(({ core }) => core.cluster.uid);
  const provider = siteProvider(`kubernetes-${part}`, { topology, site, credentials, clusterUid });
  const { ready } = new WorkerNodes(`workers-${part}`, {
    ...{ topology, site, zone, hosts, credentials, provider, after },
    apiServerVersion: recorded.apply(({ core }) => core.cluster.version),
    image: imageNameOf(topology, "worker"),
  });
  new ZoneNamespaces(`namespaces-${part}`, {
    ...{ topology, site, zone, provider, ready },
    images: {
      coredns: imageNameOf(topology, "coredns"),
      ...(claimsVolumes(topology, zone).length > 0 && {
        claims: {
          driver: imageNameOf(topology, "csi-nfs"),
          provisioner: imageNameOf(topology, "csi-provisioner"),
          resizer: imageNameOf(topology, "csi-resizer"),
          snapshotter: imageNameOf(topology, "csi-snapshotter"),
          registrar: imageNameOf(topology, "csi-node-driver-registrar"),
        },
      }),
      ...(zone.name === platformZone &&
        topology.volumes.some(isForClaims) && { snapshotController: imageNameOf(topology, "snapshot-controller") }),
    },
  });
  return ready;
}
