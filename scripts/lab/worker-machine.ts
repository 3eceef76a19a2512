import { chmodSync, copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { workerPackages } from "../../components/worker/programs.render.ts";
import { pluginsDirectory, programsDirectory, seedDirectory } from "../../components/worker/worker.render.ts";
import { buildGo, goPartKey } from "../toolchain/go-build.ts";
import { type KubernetesBinary, kubernetesParts } from "../toolchain/kubernetes-binaries.ts";
import type { ImageRecipe } from "./images.ts";
import { machinePackages, removedPaths } from "./machine-image.render.ts";
import { furnishMachine, machineChanges, machineContents } from "./machine-image.ts";
import { podImages, writePodImage } from "./pod-image.ts";

const preparation = join(import.meta.dirname, "tandem-worker.sh");
/** Stands for NFS. */
const mounting = join(import.meta.dirname, "mount.nfs.sh");

/** What runs on a worker besides Debian's packages. */
const programs = ["kubelet", "kube-proxy", "calico-felix"] as const satisfies readonly KubernetesBinary[];
const plugin = "calico" satisfies KubernetesBinary;

/** What is built for it from Go modules. */
export const builtForWorkers: readonly KubernetesBinary[] = [...programs, plugin, ...podImages.map(({ part }) => part)];

/** The lab's machines that run pods: as all others, with a worker's packages and programs, the images of its pods, and runit, which keeps its programs. */
export const workerMachineImage = (user: string): ImageRecipe => {
  const ordinary = machineContents(user);
  const keys = builtForWorkers.map((name) => goPartKey(kubernetesParts[name]));
  return {
    repository: "tandem-worker-machine",
    packages: [...machinePackages, ...workerPackages, "runit"],
    // Of containerd's package: ours is written. Of runit's: programs of its own choice.
    removed: [
      ...removedPaths,
      "/etc/containerd",
      "/etc/runit/runsvdir/default/default-syslog",
      "/etc/runit/runsvdir/default/ssh",
    ],
    contents: {
      texts: [...ordinary.texts, programsDirectory, pluginsDirectory, seedDirectory, ...keys, JSON.stringify(podImages)],
      files: [...ordinary.files, preparation, mounting],
    },
    furnish: async (root, report, signal) => {
      await furnishMachine(root, user);
      const place = async (name: KubernetesBinary, directory: string): Promise<void> => {
        mkdirSync(join(root, directory), { recursive: true });
        copyFileSync(await buildGo(kubernetesParts[name], report, signal), join(root, directory, name));
      };
      for (const name of programs) await place(name, programsDirectory);
      await place(plugin, pluginsDirectory);
      for (const [from, to] of [
        [preparation, "usr/local/sbin/tandem-worker"],
        [mounting, "usr/sbin/mount.nfs"],
      ] as const) {
        copyFileSync(from, join(root, to));
        chmodSync(join(root, to), 0o755);
      }
      mkdirSync(join(root, seedDirectory), { recursive: true });
      for (const image of podImages) await writePodImage(image, join(root, seedDirectory, `${image.name}.tar`), report, signal);
    },
    changes: machineChanges,
  };
};
