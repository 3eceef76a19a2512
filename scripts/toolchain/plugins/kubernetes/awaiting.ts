import { type Context, PartialFailure } from "../provider/provider.ts";
import type { Values } from "../provider/values.ts";
import type { Cluster } from "./cluster.ts";
import { describe, idOf, kindOf } from "./manifest.ts";
import { type Readiness, readiness } from "./readiness.ts";
import { waitedFor, waitForOf } from "./wait-for.ts";
import { skipsAwait, timeoutAnnotated, wait } from "./waiting.ts";

export interface Awaited {
  readonly cluster: Cluster;
  /** The object as the apply answered it. */
  readonly live: Values;
  readonly inputs: Values;
  readonly context: Context;
  readonly urn: string;
  /** What goes into the state for the object as it is then. */
  state(object: Values): Values;
}

/** Waits until an object is up. Where it is not in time, it is kept in the state as it is, and the next update waits for it again. */
export async function awaitReady({ cluster, live, inputs, context, urn, state }: Awaited): Promise<Values> {
  if (skipsAwait(inputs)) return live;
  let applied: Values | undefined = live;
  const { object, problem } = await wait({
    urn,
    context,
    title: `waiting for ${describe(live)}`,
    timeoutSeconds: timeoutAnnotated(inputs),
    look: async (signal) => {
      const first = applied;
      applied = undefined;
      return first ?? (await cluster.get(live, signal));
    },
    judge: (found) =>
      found ? judge(cluster, found, inputs, context.signal) : { failed: "somebody deleted it while it was waited for" },
  });
  if (problem === undefined) return object ?? live;
  throw new PartialFailure([`${describe(live)} is not ready: ${problem}`], idOf(live), state(object ?? live), inputs);
}

/** Why an object is not up, as it is now; a refresh notes it, so that the next update waits for it. */
export async function problemOf(
  cluster: Cluster,
  live: Values,
  inputs: Values,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (skipsAwait(inputs)) return undefined;
  const found = await judge(cluster, live, inputs, signal);
  if (found === "ready") return undefined;
  return `${describe(live)} is not ready: ${"failed" in found ? found.failed : found.waiting}`;
}

async function judge(cluster: Cluster, object: Values, inputs: Values, signal: AbortSignal): Promise<Readiness> {
  const wanted = waitForOf(inputs);
  return wanted ? waitedFor(object, wanted) : readiness(kindOf(object), object, cluster.related(object, signal));
}
