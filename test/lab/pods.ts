import assert from "node:assert/strict";
import { shellQuote } from "../../components/host/shell.ts";
import { serviceAccount } from "../../environments/model/service-account.ts";
import type { Host } from "../../environments/model/topology.ts";
import { sampleContainer, samplePod, samplePodSpec } from "../../scripts/lab/sample-pod.ts";
import { at, type Json } from "../support/api-call.ts";
import { until } from "../support/until.ts";
import { kubectl, kubectlSays } from "./kubectl.ts";
import { hostNamed, npmSucceeds, on } from "./session.ts";

// Real pods on the node of dc1's platform zone.

export const place = "dc1-platform-wk1";
export const namespace = "platform";

export const asked = async (...words: string[]): Promise<Json> => JSON.parse(await kubectl(...words, "--output=json")) as Json;
export const apply = async (object: object): Promise<{ readonly code: number | null; readonly stderr: string }> =>
  kubectlSays(["apply", "--filename=-"], JSON.stringify(object));
/** A pod that is labelled with its own name. */
export const podOf = (name: string, of: string, own: object = {}) => samplePod(name, of, name, own);
/** A pod whose `/files` is the volume that samples share. */
export const podWithFiles = (name: string) =>
  podOf(name, namespace, {
    securityContext: {
      ...{ runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
      supplementalGroups: [serviceAccount.id],
    },
    containers: [{ ...sampleContainer, volumeMounts: [{ name: "files", mountPath: "/files" }] }],
    volumes: [{ name: "files", persistentVolumeClaim: { claimName: "samples.shared" } }],
  });
const labels = { app: "sample" };
const deployment = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "sample", namespace },
  spec: { replicas: 2, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: samplePodSpec() } },
};
const service = {
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "sample", namespace },
  spec: { selector: labels, ports: [{ port: 80, targetPort: 8080 }] },
};
export const opening = {
  apiVersion: "networking.k8s.io/v1",
  kind: "NetworkPolicy",
  metadata: { name: "test-opening", namespace },
  spec: {
    podSelector: { matchLabels: labels },
    policyTypes: ["Egress", "Ingress"],
    ingress: [{ from: [{ podSelector: { matchLabels: labels } }], ports: [{ port: 8080 }] }],
    egress: [{ to: [{ podSelector: { matchLabels: labels } }], ports: [{ port: 8080 }] }],
  },
};

export const worker = (): Host => hostNamed(place);
export const asRoot = (command: string): Promise<string> => on(worker(), `sudo -n sh -c ${shellQuote(command)}`);
export const isReady = async (): Promise<boolean> => {
  const conditions = at(await asked("get", "node", place), "status", "conditions") as readonly Json[];
  return conditions.find(({ type }) => type === "Ready")?.["status"] === "True";
};
export const pods = async (): Promise<readonly Json[]> =>
  at(await asked("get", "pods", "--namespace", namespace, "--selector=app=sample"), "items") as readonly Json[];
/** Runs the sample's own program in a pod, and says whether it succeeded. */
export const inPod = async (
  of: string,
  pod: string,
  ...words: string[]
): Promise<{ readonly ok: boolean; readonly text: string }> => {
  const { code, stdout, stderr } = await kubectlSays(["exec", `--namespace=${of}`, pod, "--", "/sample", ...words]);
  return { ok: code === 0, text: code === 0 ? stdout.trim() : stderr };
};
/** Since when each container of the deployment runs, and how often it was started: what a restart would change. */
export const lives = async (): Promise<string[]> =>
  (await pods())
    .map((pod) => {
      const [status] = at(pod, "status", "containerStatuses") as readonly Json[];
      return `${at(pod, "metadata", "name")} ${at(status, "containerID")} ${at(status, "restartCount")}`;
    })
    .toSorted();

export const hasReady = (pod: Json): boolean =>
  (at(pod, "status", "conditions") as readonly Json[] | undefined)?.some(
    ({ type, status }) => type === "Ready" && status === "True",
  ) ?? false;

/** Two pods and a service in front of them. They are what is asked: the next API server may be a moment behind what another one says of them. */
export async function placeSample(): Promise<readonly Json[]> {
  for (const object of [deployment, service]) assert.equal((await apply(object)).code, 0);
  let found: readonly Json[] = [];
  await until(
    "two pods are ready",
    async () => {
      found = await pods();
      return found.length === 2 && found.every(hasReady);
    },
    120_000,
  );
  return found;
}

export async function removeSample(): Promise<void> {
  const placed = ["deployment/sample", "service/sample", "networkpolicy/test-opening"];
  await kubectl("delete", "--namespace", namespace, "--ignore-not-found", ...placed);
  await until("no pod of it is left", async () => (await pods()).length === 0, 60_000);
}

/** Cuts the node off from its cluster until what is awaited has come, and looks whether a container was started again. */
export async function keepsItsContainers(awaited: () => Promise<void>): Promise<void> {
  const before = await lives();
  assert.equal(before.length, 2);
  await npmSucceeds("lab", "cut", place, "management");
  try {
    await awaited();
  } finally {
    await npmSucceeds("lab", "heal", place, "management");
  }
  await until("the node is ready", isReady, 60_000);
  assert.deepEqual(await lives(), before);
}
