import assert from "node:assert/strict";
import type { ClaimsDriver } from "../../../components/storage/claims/claims-driver.render.ts";
import { loadEnvironment } from "../../../environments/model/load.ts";
import { topologyOf } from "../../../environments/model/topology-of.ts";

/** The platform that has a StorageClass, and the driver of its zone at the first site. */
export const claimsTopology = topologyOf(loadEnvironment("reference"));
const zone = claimsTopology.sites[0]?.zones.find(({ name }) => name === "policy");
assert.ok(zone);
const image = (name: string): string => `registry.example.com/${name}:1`;
export const claimsDriver: ClaimsDriver = {
  ...{ zone, namespace: "policy-storage", apiAddress: "10.20.11.9" },
  images: {
    ...{ driver: image("nfsplugin"), provisioner: image("csi-provisioner"), resizer: image("csi-resizer") },
    snapshotter: image("csi-snapshotter"),
    registrar: image("csi-node-driver-registrar"),
  },
};
