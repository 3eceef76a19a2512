import type { ResourceRule } from "../rule.ts";
import { cisKubernetes, podSecurity } from "../sources.ts";
import { objectName, podOf, podTypes } from "../subjects.ts";

/** Reviewed, by `<namespace>/<name>`: a driver speaks to its node's kubelet and mounts into its pods. */
const reviewed: readonly { readonly of: RegExp; readonly below: string }[] = [
  { of: /^[a-z][a-z0-9]*-storage\/mounts$/, below: "/var/lib/kubelet/" },
];

export const rule: ResourceRule = {
  name: "pod-must-not-mount-host-paths",
  holds: "No pod has a directory of its node",
  source: `${cisKubernetes("5.2.12")}; ${podSecurity}`,
  level: "mandatory",
  types: podTypes,
  *check(resource) {
    const { at, spec } = podOf(resource);
    const own = reviewed.filter(({ of }) => of.test(objectName(resource))).map(({ below }) => below);
    for (const [index, { name, hostPath }] of (spec["volumes"] ?? []).entries()) {
      if (!hostPath || own.some((below) => hostPath.path.startsWith(below) && !hostPath.path.includes(".."))) continue;
      yield {
        at: [...at, "volumes", index, "hostPath"],
        what: `volume ${name} is a directory of the node`,
        ...{
          given: hostPath.path,
          allowed: own.map((below) => `${below}…`).join(", ") || "none",
          fix: "declare a volume of the NAS, or use emptyDir",
        },
      };
    }
  },
};
