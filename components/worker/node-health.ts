import { ask, patiently } from "../control-plane/api-health.ts";
import type { NodePlace } from "./drain.ts";

/** Seconds until a node whose kubelet was just started is ready, at the most. */
const patienceSeconds = 180;

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly message?: string;
}

/** Resolves when the API says of all nodes that they are ready; rejects with who is not and why. */
export async function allNodesReady(nodes: readonly NodePlace[], seconds = patienceSeconds): Promise<void> {
  const reasons = await Promise.all(nodes.map((node) => whyNotReady(node, seconds)));
  const problems = reasons.flatMap((reason, index) => (reason === undefined ? [] : [`${nodes[index]?.node}: ${reason}`]));
  if (problems.length > 0)
    throw new Error(
      `nodes are not ready (waited ${seconds} s), and the next one is not touched: ${problems.join("; ")}. ` +
        "Look at them (npm run lab -- kubectl -- describe node <name>; the kubelet's log on the host), bring them back and run again",
    );
}

async function whyNotReady({ node, server, caller }: NodePlace, seconds: number): Promise<string | undefined> {
  let reason: string | undefined;
  await patiently(seconds, async () => {
    reason = await ask(server, `/api/v1/nodes/${node}`, caller).then(
      ({ status, body }) => (status === 200 ? problemOf(JSON.parse(body)) : `the API answers ${status}`),
      (error: Error) => error.message,
    );
    return reason === undefined;
  });
  return reason;
}

/** Why a node is not ready, in its own words. */
export function problemOf({ status }: { readonly status?: { readonly conditions?: readonly Condition[] } }): string | undefined {
  const ready = status?.conditions?.find(({ type }) => type === "Ready");
  if (ready?.status === "True") return undefined;
  return ready?.message ?? "it has not said anything yet";
}
