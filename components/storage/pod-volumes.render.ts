import type { Topology, Volume } from "../../environments/model/topology.ts";
import { dotted, nasName } from "../../environments/model/volumes.ts";
import { zoneLabel } from "../worker/worker.render.ts";
import { mountOptions } from "./nfs.render.ts";

/** As in `claims.documents`. */
const claimName = ({ stack, service }: Volume): string => dotted(`${stack}/${service}`);

/** Pods of one volume may be on several nodes; which services these are of, the file says. */
const accessModes = ["ReadWriteMany"];
/** The least that a volume has: a claim that asked for its size could not follow when that is changed, since only a class's volumes grow. */
const least = { storage: "1Gi" };
/** None: a class would make it anew. */
const storageClassName = "";

/** https://kubernetes.io/docs/concepts/storage/persistent-volumes/ */
export const volumeOf = (topology: Topology, volume: Volume, namespace: string) => ({
  metadata: { name: dotted(volume.directory) },
  spec: {
    accessModes,
    capacity: { storage: `${volume.sizeGib}Gi` },
    // For this claim and no other.
    claimRef: { apiVersion: "v1", kind: "PersistentVolumeClaim", name: claimName(volume), namespace },
    mountOptions: [...mountOptions],
    nfs: { path: `${topology.nasPath}/${volume.directory}`, server: nasName(topology) },
    nodeAffinity: {
      required: { nodeSelectorTerms: [{ matchExpressions: [{ key: zoneLabel, operator: "In", values: [volume.zone] }] }] },
    },
    persistentVolumeReclaimPolicy: "Retain",
    storageClassName,
    volumeMode: "Filesystem",
  },
});

export const claimOf = (volume: Volume, namespace: string) => ({
  metadata: {
    name: claimName(volume),
    namespace,
    annotations: { "tandem.internal/used-by": volume.users.join(",") },
  },
  spec: {
    accessModes,
    resources: { requests: least },
    storageClassName,
    volumeMode: "Filesystem",
    volumeName: dotted(volume.directory),
  },
});
