import type { Topology, Zone } from "../../../environments/model/topology.ts";
import { type ClaimsVolume, className, isForClaims, nasName } from "../../../environments/model/volumes.ts";
import { mountOptions } from "../nfs.render.ts";

// StorageClasses: a volume of a zone in which each claim of its pods has a directory of its own.

/** Of the kinds of snapshots. */
export const snapshotGroup = "snapshot.storage.k8s.io";

/** A driver a zone: it mounts the zone's tree, which no other zone's node can. */
export const driverName = ({ name }: Pick<Zone, "name">): string => `${name}${driverSuffix}`;
export const driverSuffix = ".nfs.tandem.internal";

/** The namespace of a zone's driver. */
export const storageNamespace = ({ name }: Pick<Zone, "name">): string => `${name}${namespaceSuffix}`;
const namespaceSuffix = "-storage";

/** Of its pods, and of the accounts that they run as. */
export const driverParts = { controller: "claims", node: "mounts" } as const;

/** What the API calls the account that answers a zone's claims, around the zone's name. */
export const accountPrefix = "system:serviceaccount:";
export const accountSuffix = `${namespaceSuffix}:${driverParts.controller}`;

/** https://github.com/kubernetes-csi/csi-driver-nfs/blob/master/docs/driver-parameters.md */
export const storageClassOf = (topology: Topology, volume: ClaimsVolume) => ({
  metadata: { name: className(volume) },
  provisioner: driverName({ name: volume.zone }),
  parameters: {
    server: nasName(topology),
    share: `${topology.nasPath}/${volume.directory}`,
    // The claim's name: a claim of this name has the same files at the other site, and again when it was deleted and its class retains them.
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the driver's own placeholder
    subDir: "${pvc.metadata.name}",
    // Its group, which the pod is a member of, writes.
    mountPermissions: "0770",
    onDelete: volume.reclaimPolicy === "Delete" ? "delete" : "retain",
  },
  reclaimPolicy: volume.reclaimPolicy,
  mountOptions: [...mountOptions],
  // What Kubernetes shows of a claim follows; the NAS bounds no directory.
  allowVolumeExpansion: true,
  volumeBindingMode: "Immediate",
});

/** Of the same name: a snapshot is an archive beside the claims' directories, so it goes to the other site as they do. */
export const snapshotClassOf = (volume: ClaimsVolume) => ({
  apiVersion: `${snapshotGroup}/v1`,
  kind: "VolumeSnapshotClass",
  metadata: { name: className(volume) },
  driver: driverName({ name: volume.zone }),
  deletionPolicy: volume.reclaimPolicy,
});

export const csiDriverOf = (zone: Zone) => ({
  metadata: { name: driverName(zone) },
  spec: {
    attachRequired: false,
    // Its owner stays: a node's root is nobody on the NAS, and may give nothing away.
    fsGroupPolicy: "None",
    // A pod that could describe a volume itself would name any server.
    volumeLifecycleModes: ["Persistent"],
  },
});

/** Of the quota of a namespace of a zone: its applications' claims of the zone's own classes come to what each volume may hold; of others' classes there are none. */
export const claimsQuota = ({ volumes }: Pick<Topology, "volumes">, zone: string | undefined): Record<string, string> =>
  Object.fromEntries(
    volumes.filter(isForClaims).map((volume) => {
      const prefix = `${className(volume)}.storageclass.storage.k8s.io`;
      return volume.zone === zone
        ? [`${prefix}/requests.storage`, `${volume.sizeGib}Gi`]
        : [`${prefix}/persistentvolumeclaims`, "0"];
    }),
  );
