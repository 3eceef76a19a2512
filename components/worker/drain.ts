import { type ApiAddress, type ApiCaller, type ApiChange, ask, patiently } from "../control-plane/api-health.ts";
import { type Condition, problemOf } from "./node-health.ts";
import { minorVersion } from "./version-skew.ts";
import { zoneLabel } from "./worker.render.ts";

/** Seconds in which a node's pods must have found another place. */
const patienceSeconds = 600;

/** Marks a node that we emptied: only such a one is opened again. */
const emptied = "tandem.internal/emptied-for";

interface NodeObject {
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly status?: { readonly nodeInfo?: { readonly kubeletVersion?: string }; readonly conditions?: readonly Condition[] };
}

interface Pod {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly { readonly kind: string }[];
  };
  readonly status: { readonly phase?: string };
}

export interface NodePlace {
  readonly node: string;
  readonly server: ApiAddress;
  readonly caller: ApiCaller;
}

const nodePath = (node: string): string => `/api/v1/nodes/${node}`;

/**
 * Empties a node whose kubelet is about to get another minor version, as
 * https://kubernetes.io/releases/version-skew-policy/#kubelet asks for; any other change leaves its pods where they are.
 */
export async function emptyForVersion(place: NodePlace, version: string, seconds = patienceSeconds): Promise<void> {
  const { node, server, caller } = place;
  const { status, body } = await answered(server, nodePath(node), caller);
  if (status === 404) return;
  if (status !== 200) throw new Error(`${node}: the API answers ${status} when it is asked for it`);
  const running = (JSON.parse(body) as NodeObject).status?.nodeInfo?.kubeletVersion?.replace(/^v/, "");
  if (!running || minorVersion(running) === minorVersion(version)) return;
  await empty(place, `version ${version}`, seconds);
}

/** Empties nodes of a zone that are not to stay, one after the other, before they are taken away. From one that is not ready nothing can be moved. */
export async function emptyLeaving(
  cluster: Omit<NodePlace, "node">,
  zone: string,
  staying: readonly string[],
  seconds = patienceSeconds,
): Promise<void> {
  const { status, body } = await answered(cluster.server, `/api/v1/nodes?labelSelector=${zoneLabel}%3D${zone}`, cluster.caller);
  if (status !== 200) throw new Error(`zone ${zone}: the API answers ${status} when it is asked for its nodes`);
  for (const node of (JSON.parse(body) as { readonly items: readonly NodeObject[] }).items) {
    const { name } = node.metadata;
    if (!staying.includes(name) && problemOf(node) === undefined) await empty({ ...cluster, node: name }, "its removal", seconds);
  }
}

async function empty(place: NodePlace, what: string, seconds: number): Promise<void> {
  await change(place, { metadata: { annotations: { [emptied]: what.replaceAll(" ", "-") } }, spec: { unschedulable: true } });
  let left: readonly Pod[] = [];
  await patiently(seconds, async () => {
    left = await podsOn(place);
    // One that its disruption budget keeps is asked again.
    for (const pod of left) await evict(place, pod);
    return left.length === 0;
  });
  if (left.length > 0) {
    const names = left.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).join(", ");
    throw new Error(
      `${place.node}: it is to be emptied for ${what}, and after ${seconds} s these pods are still there: ${names}. ` +
        "Look at their disruption budgets and at the room on the zone's other nodes, and run again",
    );
  }
}

/** Opens a node again that was emptied; one that a person closed stays closed. */
export async function openAgain(place: NodePlace): Promise<void> {
  const { status, body } = await answered(place.server, nodePath(place.node), place.caller);
  if (status !== 200 || !(JSON.parse(body) as NodeObject).metadata.annotations?.[emptied]) return;
  await change(place, { metadata: { annotations: { [emptied]: null } }, spec: { unschedulable: null } });
}

/** Seconds in which a site's API answers again after the loss of whatever served it. */
const answerSeconds = 60;

/**
 * An answer that tells something, waited for while there is none: nobody answers while the API's VIP moves, and a server that cannot ask
 * its datastore says so with 5xx. What is asked here may be asked twice.
 */
async function answered(
  server: ApiAddress,
  path: string,
  caller: ApiCaller,
  change?: ApiChange,
): Promise<{ status: number; body: string }> {
  let answer: { status: number; body: string } | undefined;
  let problem = "";
  await patiently(answerSeconds, async () => {
    try {
      const given = await ask(server, path, caller, change);
      if (given.status < 500) answer = given;
      else problem = `it answers ${given.status}: ${given.body.slice(0, 300)}`;
    } catch (error) {
      problem = (error as Error).message;
    }
    return answer !== undefined;
  });
  if (answer) return answer;
  throw new Error(`${server.name} at ${server.address}: the API does not answer (waited ${answerSeconds} s): ${problem}`);
}

async function change({ node, server, caller }: NodePlace, body: object): Promise<void> {
  const { status, body: answer } = await answered(server, nodePath(node), caller, { method: "PATCH", body });
  if (status !== 200) throw new Error(`${node}: the API refuses to change it (${status}): ${answer.slice(0, 300)}`);
}

/** Those that have another place to go to. */
async function podsOn({ node, server, caller }: NodePlace): Promise<Pod[]> {
  const { status, body } = await answered(server, `/api/v1/pods?fieldSelector=spec.nodeName%3D${node}`, caller);
  if (status !== 200) throw new Error(`${node}: the API answers ${status} when it is asked for its pods`);
  return (JSON.parse(body) as { readonly items: readonly Pod[] }).items.filter(
    ({ metadata, status: { phase } }) =>
      !["Failed", "Succeeded"].includes(phase ?? "") &&
      metadata.annotations?.["kubernetes.io/config.mirror"] === undefined &&
      !metadata.ownerReferences?.some(({ kind }) => kind === "DaemonSet"),
  );
}

async function evict({ server, caller }: NodePlace, { metadata: { name, namespace } }: Pod): Promise<void> {
  const body = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name, namespace } };
  const path = `/api/v1/namespaces/${namespace}/pods/${name}/eviction`;
  const { status, body: answer } = await answered(server, path, caller, { method: "POST", body });
  if (![200, 201, 404, 429].includes(status))
    throw new Error(`${namespace}/${name}: the API refuses to evict it (${status}): ${answer.slice(0, 300)}`);
}
