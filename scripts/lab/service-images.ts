import { chownSync, copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { ImageName } from "../../environments/model/schema/services.ts";
import { serviceAccount } from "../../environments/model/service-account.ts";
import { runTool } from "../console/log.ts";
import { buildGo, goPartKey } from "../toolchain/go-build.ts";
import { type KubernetesBinary, kubernetesParts } from "../toolchain/kubernetes-binaries.ts";
import type { ImageRecipe } from "./images.ts";

/** The images that the lab's services run from, by their name in the environment file. */
export const serviceImages = {
  database: packaged("tandem/mariadb-galera", {
    packages: ["galera-4", "mariadb-backup", "mariadb-client", "mariadb-server", "openssl", "socat"],
    // What the packages set up for a server of their own.
    removed: ["/etc/mysql", "/var/lib/mysql"],
    owned: ["/var/lib/database-scratch", "/var/lib/mysql"],
  }),
  haproxy: packaged("tandem/haproxy", { packages: ["haproxy"], removed: ["/etc/haproxy"], owned: [] }),
  // Its own script watches HAProxy by bash's /dev/tcp.
  keepalived: packaged("tandem/keepalived", { packages: ["keepalived"], removed: ["/etc/keepalived"], owned: [] }),
  conntrackd: packaged("tandem/conntrackd", { packages: ["conntrackd"], removed: ["/etc/conntrackd"], owned: [] }),
  ulogd: packaged("tandem/ulogd", { packages: ["ulogd2"], removed: ["/etc/ulogd.conf"], owned: [] }),
  // nfs-common has the configuration of owners' names.
  nas: packaged("tandem/nfs-ganesha", {
    packages: ["nfs-common", "nfs-ganesha", "nfs-ganesha-vfs", "rsync", "stunnel4"],
    removed: ["/etc/ganesha", "/etc/stunnel"],
    owned: [],
  }),
  // skopeo copies to the other site's registry; netavark is what its packages ask somebody for.
  registry: packaged("tandem/distribution", {
    packages: ["curl", "docker-registry", "jq", "netavark", "skopeo", "socat"],
    removed: ["/etc/docker"],
    owned: ["/var/lib/registry"],
  }),
  coredns: built("coredns"),
  kine: built("kine"),
  "kube-apiserver": built("kube-apiserver", { owned: ["/var/log/kubernetes"] }),
  "kube-controller-manager": built("kube-controller-manager"),
  "kube-scheduler": built("kube-scheduler"),
  "metrics-server": built("metrics-server"),
} as const satisfies Partial<Record<ImageName, ImageRecipe>>;

export type ServiceImage = keyof typeof serviceImages;

/** What is built for them from Go modules. */
export const builtForImages = Object.keys(serviceImages).filter((name): name is KubernetesBinary => name in kubernetesParts);

interface Packaged {
  readonly packages: readonly string[];
  readonly removed: readonly string[];
  /** Directories that belong to the service account; a new volume there takes their owner over. */
  readonly owned: readonly string[];
}

/** Debian's packages, run by the service account. */
function packaged(repository: string, { packages, removed, owned }: Packaged): ImageRecipe {
  const { name, id } = serviceAccount;
  return {
    repository,
    packages,
    removed,
    contents: { texts: [name, String(id), ...owned], files: [] },
    furnish: async (root) => {
      const group = ["groupadd", "--system", "--gid", String(id), name];
      const user = ["useradd", "--system", "--uid", String(id), "--gid", String(id), "--home-dir", "/nonexistent", name];
      await runTool("chroot", [root, ...group]);
      await runTool("chroot", [root, ...user]);
      for (const path of owned) {
        mkdirSync(join(root, path), { recursive: true });
        await runTool("chroot", [root, "chown", `${id}:${id}`, path]);
      }
    },
    changes: [`USER ${id}:${id}`],
  };
}

/** One executable, built from Go modules and linked to nothing, run by the service account. */
function built(name: KubernetesBinary, { owned }: Pick<Packaged, "owned"> = { owned: [] }): ImageRecipe {
  const part = kubernetesParts[name];
  const { id } = serviceAccount;
  return {
    repository: `tandem/${name}`,
    packages: [],
    removed: [],
    contents: { texts: [String(id), goPartKey(part), ...owned], files: [] },
    furnish: async (root, report, signal) => {
      for (const path of owned) {
        mkdirSync(join(root, path), { recursive: true });
        chownSync(join(root, path), id, id);
      }
      mkdirSync(join(root, "usr/local/bin"), { recursive: true });
      copyFileSync(await buildGo(part, report, signal), join(root, "usr/local/bin", name));
    },
    changes: [`USER ${id}:${id}`, `ENTRYPOINT ["/usr/local/bin/${name}"]`],
  };
}
