import type { Rule } from "../rule.ts";
import { rule as bindingMustNotGrantClusterAdmin } from "./binding-must-not-grant-cluster-admin.ts";
import { rule as classMustRetainVolumes } from "./class-must-retain-volumes.ts";
import { rule as clusterMustBeIdentified } from "./cluster-must-be-identified.ts";
import { rule as containerMustDropCapabilities } from "./container-must-drop-capabilities.ts";
import { rule as containerMustEndGracefully } from "./container-must-end-gracefully.ts";
import { rule as containerMustLimitCpu } from "./container-must-limit-cpu.ts";
import { rule as containerMustLimitMemory } from "./container-must-limit-memory.ts";
import { rule as containerMustNotBePrivileged } from "./container-must-not-be-privileged.ts";
import { rule as containerMustNotGainPrivileges } from "./container-must-not-gain-privileges.ts";
import { rule as containerMustNotReachDocker } from "./container-must-not-reach-docker.ts";
import { rule as containerMustRestart } from "./container-must-restart.ts";
import { rule as containerMustRotateLogs } from "./container-must-rotate-logs.ts";
import { rule as dataMustBeProtected } from "./data-must-be-protected.ts";
import { rule as databaseMustHaveOneWriter } from "./database-must-have-one-writer.ts";
import { rule as exceptionMustExcuse } from "./exception-must-excuse.ts";
import { rule as flowMustNotCrossZones } from "./flow-must-not-cross-zones.ts";
import { rule as hostMustBeOfItsStack } from "./host-must-be-of-its-stack.ts";
import { rule as imageMustBeOfPlatform } from "./image-must-be-of-platform.ts";
import { rule as imageMustBePinned } from "./image-must-be-pinned.ts";
import { rule as namespaceMustDenyByDefault } from "./namespace-must-deny-by-default.ts";
import { rule as namespaceMustRestrictPods } from "./namespace-must-restrict-pods.ts";
import { rule as nasMustBeMountedHard } from "./nas-must-be-mounted-hard.ts";
import { rule as pairMustBeComplete } from "./pair-must-be-complete.ts";
import { rule as podMustDropCapabilities } from "./pod-must-drop-capabilities.ts";
import { rule as podMustHaveSeccomp } from "./pod-must-have-seccomp.ts";
import { rule as podMustLimitResources } from "./pod-must-limit-resources.ts";
import { rule as podMustNotBeRoot } from "./pod-must-not-be-root.ts";
import { rule as podMustNotMountHostPaths } from "./pod-must-not-mount-host-paths.ts";
import { rule as podMustNotMountToken } from "./pod-must-not-mount-token.ts";
import { rule as podMustNotShareHost } from "./pod-must-not-share-host.ts";
import { rule as quorumMustHaveThreeMembers } from "./quorum-must-have-three-members.ts";
import { rule as quorumMustSpanRacks } from "./quorum-must-span-racks.ts";
import { rule as randomTextMustBeSecret } from "./random-text-must-be-secret.ts";
import { rule as replicationMustHaveOneDirection } from "./replication-must-have-one-direction.ts";
import { rule as roleMustNotUseWildcards } from "./role-must-not-use-wildcards.ts";
import { rule as secretMustNotBePlain } from "./secret-must-not-be-plain.ts";
import { rule as sharedMustNotBeDeletedFirst } from "./shared-must-not-be-deleted-first.ts";
import { rule as sshMustPinHostKey } from "./ssh-must-pin-host-key.ts";
import { rule as standbyMustNotBeWeaker } from "./standby-must-not-be-weaker.ts";
import { rule as vipMustBeUnique } from "./vip-must-be-unique.ts";
import { rule as volumeMustBeRetained } from "./volume-must-be-retained.ts";

/** What must never happen. */
export const rules: readonly Rule[] = [
  bindingMustNotGrantClusterAdmin,
  classMustRetainVolumes,
  clusterMustBeIdentified,
  containerMustDropCapabilities,
  containerMustEndGracefully,
  containerMustLimitCpu,
  containerMustLimitMemory,
  containerMustNotBePrivileged,
  containerMustNotGainPrivileges,
  containerMustNotReachDocker,
  containerMustRestart,
  containerMustRotateLogs,
  dataMustBeProtected,
  databaseMustHaveOneWriter,
  exceptionMustExcuse,
  flowMustNotCrossZones,
  hostMustBeOfItsStack,
  imageMustBeOfPlatform,
  imageMustBePinned,
  namespaceMustDenyByDefault,
  namespaceMustRestrictPods,
  nasMustBeMountedHard,
  pairMustBeComplete,
  podMustDropCapabilities,
  podMustHaveSeccomp,
  podMustLimitResources,
  podMustNotBeRoot,
  podMustNotMountHostPaths,
  podMustNotMountToken,
  podMustNotShareHost,
  quorumMustHaveThreeMembers,
  quorumMustSpanRacks,
  randomTextMustBeSecret,
  replicationMustHaveOneDirection,
  roleMustNotUseWildcards,
  secretMustNotBePlain,
  sharedMustNotBeDeletedFirst,
  sshMustPinHostKey,
  standbyMustNotBeWeaker,
  vipMustBeUnique,
  volumeMustBeRetained,
];
