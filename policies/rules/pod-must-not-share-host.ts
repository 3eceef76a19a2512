import type { ResourceRule } from "../rule.ts";
import { cisKubernetes, podSecurity } from "../sources.ts";
import { objectName, podContainers, podOf, podTypes } from "../subjects.ts";

/** Reviewed, as `<namespace>/<name>`: drivers mount in their node's own network, from which the NAS takes a zone's requests. */
const reviewed = /^[a-z][a-z0-9]*-storage\/(claims|mounts)$/;

export const rule: ResourceRule = {
  name: "pod-must-not-share-host",
  holds: "A pod has its own network, processes and ports",
  source: `${cisKubernetes("5.2.3")}, 5.2.4, 5.2.5 and 5.2.13; ${podSecurity}`,
  level: "mandatory",
  types: podTypes,
  *check(resource) {
    const pod = podOf(resource);
    const isReviewed = reviewed.test(objectName(resource));
    for (const key of ["hostNetwork", "hostPID", "hostIPC"])
      if (pod.spec[key] && !(key === "hostNetwork" && isReviewed))
        yield {
          at: [...pod.at, key],
          what: "the pod is in its node's own namespace: no network policy reaches it there, and it sees its neighbours",
          ...{ given: "true", allowed: "false", fix: `leave out ${key}` },
        };
    for (const { at, name, spec } of podContainers(pod))
      for (const [index, { hostPort }] of (spec["ports"] ?? []).entries())
        if (hostPort && !isReviewed)
          yield {
            at: [...at, "ports", index, "hostPort"],
            what: `container ${name} takes a port of its node`,
            ...{ given: String(hostPort), allowed: "none", fix: "use a service of type NodePort, which the flows declare" },
          };
  },
};
