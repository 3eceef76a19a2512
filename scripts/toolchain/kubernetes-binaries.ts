import { join } from "node:path";
import type { Report } from "../console/steps.ts";
import { buildGo, type GoPart } from "./go-build.ts";
import { kineCorrections } from "./kine-corrections.ts";
import {
  calicoVersion,
  corednsVersion,
  csiProvisionerVersion,
  csiSnapshotterVersion,
  kineVersion,
  kubernetesVersion,
  kwokVersion,
  metricsServerVersion,
  podsVersion,
} from "./versions.ts";

const modules = join(import.meta.dirname, "go");

const kubernetes = (name: string): GoPart => ({
  name,
  version: kubernetesVersion,
  module: join(modules, "kubernetes"),
  package: `k8s.io/kubernetes/cmd/${name}`,
  variables: { "k8s.io/component-base/version.gitVersion": `v${kubernetesVersion}` },
});

const calico = (name: string, path: string): GoPart => ({
  name,
  version: calicoVersion,
  module: join(modules, "calico"),
  package: `github.com/projectcalico/calico/${path}`,
});

const snapshotter = (name: string): GoPart => ({
  name,
  version: csiSnapshotterVersion,
  module: join(modules, "csi"),
  package: `github.com/kubernetes-csi/external-snapshotter/v8/cmd/${name}`,
});

const pods = (name: string): GoPart => ({ name, version: podsVersion, module: join(modules, "pods"), package: `./${name}` });

/** The parts of a control plane and what speaks to it, each built when something first needs it. */
export const kubernetesParts = {
  "kube-apiserver": kubernetes("kube-apiserver"),
  "kube-controller-manager": kubernetes("kube-controller-manager"),
  "kube-scheduler": kubernetes("kube-scheduler"),
  "metrics-server": {
    name: "metrics-server",
    version: metricsServerVersion,
    module: join(modules, "metrics-server"),
    package: "sigs.k8s.io/metrics-server/cmd/metrics-server",
    variables: { "k8s.io/client-go/pkg/version.gitVersion": `v${metricsServerVersion}` },
  },
  /** Of nodes. */
  kubelet: kubernetes("kubelet"),
  "kube-proxy": kubernetes("kube-proxy"),
  "calico-felix": calico("calico-felix", "felix/cmd/calico-felix"),
  /** Calico's network plugin, under the name by which containerd calls it. */
  calico: calico("calico", "cni-plugin/cmd/calico"),
  /** In pods. */
  coredns: {
    name: "coredns",
    version: corednsVersion,
    module: join(modules, "coredns"),
    package: "github.com/coredns/coredns",
  },
  pause: pods("pause"),
  /** Plays an application. */
  sample: pods("sample"),
  /** For operators. */
  kubectl: kubernetes("kubectl"),
  kine: {
    name: "kine",
    version: kineVersion,
    module: join(modules, "kine"),
    package: "github.com/k3s-io/kine",
    corrections: kineCorrections,
  },
  /** Plays nodes that are not there: for tests alone. */
  kwok: {
    name: "kwok",
    version: kwokVersion,
    module: join(modules, "kwok"),
    package: "sigs.k8s.io/kwok/cmd/kwok",
  },
  /** Ask a driver for what pods claim, and for snapshots of it: for tests alone, real platforms have their images. */
  "csi-provisioner": {
    name: "csi-provisioner",
    version: csiProvisionerVersion,
    module: join(modules, "csi"),
    package: "github.com/kubernetes-csi/external-provisioner/v5/cmd/csi-provisioner",
  },
  "csi-snapshotter": snapshotter("csi-snapshotter"),
  "snapshot-controller": snapshotter("snapshot-controller"),
} as const satisfies Record<string, GoPart>;

export type KubernetesBinary = keyof typeof kubernetesParts;

/** Paths of the executables asked for; one after the other, because each build uses all cores. */
export async function ensureKubernetesBinaries<Name extends KubernetesBinary>(
  names: readonly Name[],
  report: Report,
  signal?: AbortSignal,
): Promise<Record<Name, string>> {
  const paths: Partial<Record<Name, string>> = {};
  for (const name of names) paths[name] = await buildGo(kubernetesParts[name], report, signal);
  return paths as Record<Name, string>;
}
