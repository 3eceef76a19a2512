import { workerPaths } from "../../components/worker/worker.render.ts";
import type { Host } from "../../environments/model/topology.ts";
import type { Reading, Word } from "./core-status.ts";
import { page, pagesIn } from "./pages.ts";

/** Of a worker, besides the kubelet: by the names of their processes. */
const programs = ["containerd", "calico-felix", "kube-proxy"] as const;

/** A worker is asked on the host itself, and asks its API as its kubelet does. */
export function nodeReading({ name }: Host): Reading {
  const { authorities, kubelet, kubeletKubeconfig } = workerPaths;
  const server = `$(sed -n 's/^ *server: //p' ${kubeletKubeconfig})`;
  const node = page([`"${server}/api/v1/nodes/${name}"`], `--cacert ${authorities} --cert ${kubelet}`);
  const running = programs.map((program) => `pgrep -x ${program} > /dev/null && echo ${program}`);
  return { command: [...running, node].join("; "), read: nodeWord };
}

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly message?: string;
}

/** Pure. */
export function nodeWord(output: string): Word {
  const lines = output.split("\n");
  const missing = programs.filter((program) => !lines.includes(program)).map((program) => `no ${program}`);
  const says = [...missing, ...unready(lines.filter((line) => !programs.some((program) => program === line)).join("\n"))];
  return { says: says.join("; ") || "ready", isWell: says.length === 0 };
}

function unready(answer: string): string[] {
  const [node] = pagesIn(answer);
  if (!node?.code) return ["its API does not answer"];
  if (node.code !== 200) return [`its API answers ${node.code}`];
  const { conditions = [] } = (JSON.parse(node.text) as { status: { conditions?: readonly Condition[] } }).status;
  const ready = conditions.find(({ type }) => type === "Ready");
  return ready?.status === "True" ? [] : [`not ready: ${ready?.message ?? "its kubelet has not said anything yet"}`];
}
