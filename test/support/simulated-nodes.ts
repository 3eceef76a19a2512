import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { renderKubeconfig } from "../../components/control-plane/kubeconfig.render.ts";
import { ensureKubernetesBinaries } from "../../scripts/toolchain/kubernetes-binaries.ts";
import type { ApiCreate } from "./api-call.ts";
import type { TestControlPlane } from "./control-plane.ts";
import { spawnOwned } from "./interrupted.ts";
import { freePort } from "./sshd.ts";

/** Nodes that kwok simulates: they say that they are well and that their pods run, and nothing runs anywhere. */
export interface SimulatedNodes {
  readonly names: readonly string[];
  /** From now on none of them is heard of. */
  silence(): Promise<void>;
}

/** What kwok does to an object as soon as it finds it in a state (https://kwok.sigs.k8s.io/docs/user/stages-configuration/). */
const stage = (kind: "Node" | "Pod", besides: readonly object[], status: string): string =>
  JSON.stringify({
    apiVersion: "kwok.x-k8s.io/v1alpha1",
    kind: "Stage",
    metadata: { name: `${kind.toLowerCase()}-ready` },
    spec: {
      resourceRef: { apiGroup: "v1", kind },
      selector: {
        matchExpressions: [
          { key: '.status.conditions.[] | select( .type == "Ready" ) | .status', operator: "NotIn", values: ["True"] },
          ...besides,
        ],
      },
      next: { statusTemplate: status },
    },
  });

const ready = `conditions:
- type: Ready
  status: "True"
  reason: Simulated
  lastHeartbeatTime: {{ Now | Quote }}
  lastTransitionTime: {{ Now | Quote }}
`;
const room = '{ cpu: "4", memory: 4Gi, pods: "20" }';
const stages = [
  stage("Node", [], `${ready}allocatable: ${room}\ncapacity: ${room}\n`),
  stage("Pod", [{ key: ".metadata.deletionTimestamp", operator: "DoesNotExist" }], `${ready}phase: Running\n`),
].join("\n---\n");

/** Adds nodes to a control plane. Each call has a kwok of its own, so that some can fall silent while others go on. */
export async function simulateNodes(
  plane: TestControlPlane,
  create: ApiCreate,
  names: readonly string[],
): Promise<SimulatedNodes> {
  const { kwok } = await ensureKubernetesBinaries(["kwok"], () => {});
  const group = names.join(".");
  for (const name of names)
    await create("/api/v1/nodes", {
      apiVersion: "v1",
      kind: "Node",
      metadata: { name, annotations: { "kwok.x-k8s.io/node": group }, labels: { "kubernetes.io/hostname": name } },
    });
  const configuration = join(plane.directory, `${group}.yaml`);
  writeFileSync(configuration, stages);
  const kubeconfig = join(plane.directory, `${group}.kubeconfig`);
  const text = renderKubeconfig({
    cluster: "test",
    server: `https://127.0.0.1:${plane.ports.api}`,
    user: "administrator",
    authorities: { pem: plane.authorities },
    credential: plane.administrator,
  });
  writeFileSync(kubeconfig, text, { mode: 0o600 });
  const output = openSync(join(plane.directory, `${group}.out`), "a");
  const child = spawnOwned(
    kwok,
    [
      `--config=${configuration}`,
      `--kubeconfig=${kubeconfig}`,
      "--manage-all-nodes=false",
      `--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=${group}`,
      `--node-lease-duration-seconds=${plane.timings.nodeLeaseSeconds}`,
      `--server-address=127.0.0.1:${await freePort()}`,
    ],
    { stdio: ["ignore", output, output], cwd: plane.directory, env: { HOME: plane.directory } },
  );
  return { names, silence: () => kill(child) };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}
