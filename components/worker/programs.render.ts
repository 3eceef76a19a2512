import { workerPorts } from "../../environments/model/ports.ts";
import type { HostProgram } from "../host/host-service.render.ts";
import { shellQuote } from "../host/shell.ts";
import { renderKubeletFlags, renderLabRoom } from "./kubelet.render.ts";
import { felixEnvironment } from "./network.render.ts";
import { workerPaths as paths, pluginsDirectory, programsDirectory, seedDirectory, type Worker } from "./worker.render.ts";

/** Debian's packages of a worker; the lab's machine image holds them. */
export const workerPackages = ["conntrack", "containerd", "containernetworking-plugins", "ipset", "iptables", "runc"] as const;

const healthy = (port: number, path: string): string =>
  `curl --silent --fail --max-time 2 --output /dev/null http://127.0.0.1:${port}${path}`;

export type ProgramName = "containerd" | "felix" | "kube-proxy" | "kubelet";

/** What runs on a worker, in the order of its start. */
export const programsOf = (worker: Worker): Readonly<Record<ProgramName, HostProgram>> => ({
  containerd: {
    name: "containerd",
    description: "containerd, which runs the node's containers",
    command: ["/usr/bin/containerd"],
    ready: `ctr --address ${paths.socket} version`,
  },
  felix: {
    name: "calico-felix",
    description: "Calico's Felix, which enforces network policies",
    command: [`${programsDirectory}/calico-felix`],
    environment: felixEnvironment(worker),
    ready: healthy(workerPorts.networkHealth, "/liveness"),
  },
  "kube-proxy": {
    name: "kube-proxy",
    description: "kube-proxy, which leads services to their pods",
    command: [`${programsDirectory}/kube-proxy`, `--config=${paths.proxyConfiguration}`],
    ready: healthy(workerPorts.proxyMetrics, "/healthz"),
  },
  kubelet: {
    name: "kubelet",
    description: "kubelet, the node of Kubernetes",
    command: [`${programsDirectory}/kubelet`, ...renderKubeletFlags(worker)],
    ...(worker.machines === "lab" && { before: renderLabRoom(worker) }),
    after: ["containerd"],
    ready: healthy(workerPorts.kubeletHealth, "/healthz"),
  },
});

/** Loads the images that the lab's machine was made with; those that are there stay. */
export const renderSeedImport = (): string =>
  `set -eu
for archive in ${seedDirectory}/*.tar; do ctr --namespace k8s.io images import "$archive" > /dev/null; done
`;

/** Prints archives whose image is not there. */
export const renderSeedProbe = (): string =>
  `for archive in ${seedDirectory}/*.tar; do name=$(basename "$archive" .tar); ctr --namespace k8s.io images ls --quiet | grep -q "/$name:" || echo "$name"; done`;
export const renderSeedExpected = (): string => "";

/** Takes the programs out of the image that carries them, in its directory /programs, and puts the network plugin to Debian's. */
export const renderPrograms = (image: string): string => `set -eu
image=${shellQuote(image)}
directory=${programsDirectory}
[ "$(cat "$directory/image" 2>/dev/null)" != "$image" ] || exit 0
docker pull --quiet "$image" > /dev/null
container=$(docker create "$image" /none)
trap 'docker rm "$container" > /dev/null' EXIT
rm -rf "$directory.new"
mkdir -p "$directory.new"
docker cp "$container:/programs/." "$directory.new"
install -m 0755 "$directory.new/calico" ${pluginsDirectory}/calico
echo "$image" > "$directory.new/image"
rm -rf "$directory"
mv "$directory.new" "$directory"
`;

export const renderProgramsProbe = (): string => `cat ${programsDirectory}/image`;
