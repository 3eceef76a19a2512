import type { Problem } from "../errors.ts";
import type { Environment } from "../schema.ts";
import { addressProblems, addressRoomProblems, duplicateAddressProblems } from "./addresses.ts";
import { backupProblems } from "./backup.ts";
import { crossZoneProblems, flowEndProblems, overlappingFlowProblems, vipPlaneProblems } from "./flows.ts";
import { imageDigestProblems, imageVersionProblems } from "./images.ts";
import { logProblems } from "./logs.ts";
import { labProblems, realMachineProblems } from "./machines.ts";
import { hostNameProblems, outOfServiceProblems, reservedNameProblems, zoneNameProblems } from "./names.ts";
import { externalNasProblems, nasReplicationProblems } from "./nas.ts";
import { networkSizeProblems, networkTextProblems, outsideProblems, overlapProblems } from "./networks.ts";
import { nodePortProblems } from "./node-ports.ts";
import { nameServiceProblems, podRangeProblems, podRoomProblems } from "./pods.ts";
import { harborMemoryProblems, harborVersionProblems, registryImageProblems } from "./registry.ts";
import { immutableTagProblems, registryAccountProblems, registryFlavorProblems } from "./registry-settings.ts";
import { inServiceProblems, memberCountProblems, rackProblems, roleProblems } from "./roles.ts";
import { balanceProblems, siteProblems } from "./sites.ts";
import { timingProblems } from "./timings.ts";
import { authorityNameProblems, lifetimeProblems } from "./trust.ts";
import { uplinkProblems } from "./uplinks.ts";
import { strayVipProblems, vridProblems } from "./vips.ts";
import { vlanProblems } from "./vlans.ts";
import { claimProblems, volumeRoomProblems, volumeUserProblems, volumeZoneProblems } from "./volumes.ts";

/** A rule: a list of what is wrong, empty when sound. */
export type Rule = (environment: Environment) => Problem[];

/** Every rule of an environment file; one concept a file. */
export const rules: readonly Rule[] = [
  reservedNameProblems,
  zoneNameProblems,
  hostNameProblems,
  outOfServiceProblems,
  siteProblems,
  balanceProblems,
  roleProblems,
  memberCountProblems,
  inServiceProblems,
  rackProblems,
  networkTextProblems,
  networkSizeProblems,
  overlapProblems,
  outsideProblems,
  podRangeProblems,
  podRoomProblems,
  nameServiceProblems,
  vlanProblems,
  addressProblems,
  addressRoomProblems,
  duplicateAddressProblems,
  uplinkProblems,
  strayVipProblems,
  vridProblems,
  timingProblems,
  backupProblems,
  logProblems,
  registryFlavorProblems,
  registryAccountProblems,
  immutableTagProblems,
  externalNasProblems,
  nasReplicationProblems,
  volumeZoneProblems,
  volumeUserProblems,
  volumeRoomProblems,
  claimProblems,
  authorityNameProblems,
  lifetimeProblems,
  imageDigestProblems,
  imageVersionProblems,
  registryImageProblems,
  harborVersionProblems,
  harborMemoryProblems,
  flowEndProblems,
  crossZoneProblems,
  overlappingFlowProblems,
  vipPlaneProblems,
  nodePortProblems,
  realMachineProblems,
  labProblems,
];
