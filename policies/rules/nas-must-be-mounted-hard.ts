import type { Resource, ResourceRule, Violation } from "../rule.ts";
import { own } from "../sources.ts";
import { dockerVolume } from "../subjects.ts";

interface Mount {
  readonly at: Violation["at"];
  readonly options: readonly string[];
  readonly server: string;
}

const persistentVolume = "kubernetes:core/v1:PersistentVolume";
const storageClass = "kubernetes:storage.k8s.io/v1:StorageClass";

/** How a resource mounts the NAS, if it does. */
function mountOf({ type, inputs }: Resource): Mount | undefined {
  if (type === dockerVolume) {
    const { type: kind = "", o = "" } = inputs["driverOpts"] ?? {};
    const options: readonly string[] = o.split(",");
    const server = options.find((each) => each.startsWith("addr="))?.slice("addr=".length) ?? "";
    return kind.startsWith("nfs") ? { at: ["driverOpts", "o"], options, server } : undefined;
  }
  const { nfs, mountOptions } =
    type === persistentVolume ? inputs["spec"] : { nfs: inputs["parameters"], mountOptions: inputs["mountOptions"] };
  const at = type === persistentVolume ? ["spec", "mountOptions"] : ["mountOptions"];
  return nfs?.server === undefined ? undefined : { at, options: mountOptions ?? [], server: nfs.server };
}

export const rule: ResourceRule = {
  name: "nas-must-be-mounted-hard",
  holds: "A volume of the NAS waits for its NAS, speaks NFS 4.1, and finds it by the name that each site answers for itself",
  source: own(
    "nfs(5), hard; docs/storage.md",
    "with soft an outage of the NAS becomes lost writes; by an address a volume means the dead site's NAS",
  ),
  level: "mandatory",
  types: [dockerVolume, persistentVolume, storageClass],
  *check(resource) {
    const mount = mountOf(resource);
    if (!mount) return;
    const { at = [], options, server } = mount;
    const given = options.join(",") || "none";
    if (!options.includes("hard") || options.some((each) => /^soft/.test(each)))
      yield { at, what: "writes get lost while the NAS is away", ...{ given, allowed: "hard", fix: "mount it hard" } };
    if (!options.some((each) => /^(nfsvers|vers)=4\.[12]$/.test(each)))
      yield {
        at,
        what: "locks and sessions don't survive a NAS that moves",
        ...{ given, allowed: "nfsvers=4.1", fix: "name the version" },
      };
    if (/^[\d.]+$/.test(server) || server === "")
      yield {
        at,
        what: "at the other site this would mean the NAS of this one",
        ...{ given: server || "none", allowed: "the sites' alias of the NAS", fix: "name it by its alias" },
      };
  },
};
