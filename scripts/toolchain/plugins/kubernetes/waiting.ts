import { setTimeout as delay } from "node:timers/promises";
import type { Context } from "../provider/provider.ts";
import type { Value, Values } from "../provider/values.ts";
import { ApiError, UnreachableError } from "./client.ts";
import { annotation } from "./manifest.ts";
import type { Readiness } from "./readiness.ts";

/** As with the official plugin. */
const defaultTimeoutSeconds = 600;
const [shortestMs, longestMs] = [200, 2_000];

export const skipsAwait = (object: Value | undefined): boolean => annotation(object, "pulumi.com/skipAwait") === "true";

export function timeoutAnnotated(object: Value | undefined): number | undefined {
  const seconds = Number(annotation(object, "pulumi.com/timeoutSeconds") ?? Number.NaN);
  return seconds > 0 ? seconds : undefined;
}

/** What waiting ended with: the object as it was last seen, and why it is not up where it isn't. */
export interface Waited {
  readonly object: Values | undefined;
  readonly problem?: string;
}

export interface Wait {
  readonly urn: string;
  readonly context: Context;
  /** Fetches the object; undefined when it is gone. */
  look(signal: AbortSignal): Promise<Values | undefined>;
  judge(object: Values | undefined): Readiness | Promise<Readiness>;
  /** Shown while it waits: `waiting for Deployment web`. */
  readonly title: string;
  /** The time limit where the request brings none. */
  readonly timeoutSeconds?: number | undefined;
  /** A time limit whatever the request brings. */
  readonly atMostSeconds?: number;
}

/** Looks again and again until the object is judged ready, its time is over, or the run is cancelled. Never throws for those. */
export async function wait({ urn, context, look, judge, title, timeoutSeconds, atMostSeconds }: Wait): Promise<Waited> {
  const seconds = atMostSeconds ?? (context.timeoutSeconds ? undefined : (timeoutSeconds ?? defaultTimeoutSeconds));
  const limits = seconds === undefined ? [] : [AbortSignal.timeout(seconds * 1000)];
  const signal = AbortSignal.any([context.signal, ...limits]);
  const started = Date.now();
  let object: Values | undefined;
  let shown = "";
  for (let pause = shortestMs; ; pause = Math.min(pause * 1.3, longestMs)) {
    let progress: string;
    try {
      object = await look(signal);
      const readiness = await judge(object);
      if (readiness === "ready") return { object };
      if ("failed" in readiness) return { object, problem: readiness.failed };
      progress = readiness.waiting;
    } catch (error) {
      // A server that restarts while we wait is no failure of the object.
      if (!signal.aborted && !(error instanceof UnreachableError || (error instanceof ApiError && error.code >= 500)))
        throw error;
      progress = signal.aborted ? shown : (error as Error).message;
    }
    if (signal.aborted) return { object, problem: ended(context, progress || shown, started) };
    if (progress !== shown) await context.engine.log("info", `${title}: ${progress}`, { urn, ephemeral: true });
    shown = progress;
    await delay(pause, undefined, { signal }).catch(() => {});
  }
}

function ended(context: Context, progress: string, started: number): string {
  const seconds = Math.round((Date.now() - started) / 1000);
  const why = context.signal.aborted ? (context.signal.reason as Error).message : "it took longer than its time limit";
  return `${why}; after ${seconds} s of waiting: ${progress || "nothing was heard from the cluster"}`;
}
