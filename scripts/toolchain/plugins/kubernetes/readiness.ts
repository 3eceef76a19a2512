import type { Value, Values } from "../provider/values.ts";
import { at, type Kind, listAt, numberAt, textAt } from "./manifest.ts";

/** How far an object is. `failed`: waiting longer can't help. */
export type Readiness = "ready" | { readonly waiting: string } | { readonly failed: string };

/** What a rule may look at besides the object itself. */
export interface Related {
  /** EndpointSlices of a service. */
  endpointSlices(): Promise<Value[]>;
  storageClass(name: string): Promise<Values | undefined>;
}

type Rule = (object: Values, related: Related) => Readiness | Promise<Readiness>;

/**
 * When an object counts as up, as the official plugin decides it for the same kinds. Kinds without a rule are up once they exist.
 * https://www.pulumi.com/registry/packages/kubernetes/installation-configuration/ and its `provider/pkg/await`.
 */
const rules: Readonly<Record<string, Rule>> = {
  "apps/Deployment": deployment,
  "apps/StatefulSet": statefulSet,
  "apps/DaemonSet": daemonSet,
  "batch/Job": job,
  "/Pod": pod,
  "/ReplicationController": replicationController,
  "/Service": service,
  "/PersistentVolume": (object) => phase(object, "Available", "Bound"),
  "/PersistentVolumeClaim": claim,
  "/ResourceQuota": quota,
  "/Secret": tokenSecret,
  "networking.k8s.io/Ingress": (object) => loadBalancer(object),
  "apiextensions.k8s.io/CustomResourceDefinition": definition,
};

export const hasReadinessRule = ({ group, kind }: Kind): boolean => `${group}/${kind}` in rules;

export async function readiness(kind: Kind, object: Values, related: Related): Promise<Readiness> {
  return (await rules[`${kind.group}/${kind.kind}`]?.(object, related)) ?? "ready";
}

export function condition(object: Values, type: string): { status: string; reason: string; message: string } | undefined {
  const found = listAt(object, "status", "conditions").find((each) => textAt(each, "type") === type);
  if (!found) return undefined;
  return {
    status: textAt(found, "status") ?? "",
    reason: textAt(found, "reason") ?? "",
    message: textAt(found, "message") ?? "",
  };
}

/** The controller has not looked at the newest specification yet: its status speaks of the one before. */
function isStale(object: Values): boolean {
  return (numberAt(object, "status", "observedGeneration") ?? 0) < (numberAt(object, "metadata", "generation") ?? 0);
}

const notSeen: Readiness = { waiting: "its controller has not seen this version yet" };

function counted(what: string, have: number, want: number): Readiness {
  return have >= want ? "ready" : { waiting: `${have} of ${want} ${what}` };
}

function first(...all: Readiness[]): Readiness {
  return all.find((each) => each !== "ready") ?? "ready";
}

function deployment(object: Values): Readiness {
  if (isStale(object)) return notSeen;
  if (at(object, "spec", "paused") === true) return "ready";
  const progressing = condition(object, "Progressing");
  if (progressing?.reason === "ProgressDeadlineExceeded") return { failed: progressing.message };
  const want = numberAt(object, "spec", "replicas") ?? 1;
  const status = (name: string) => numberAt(object, "status", name) ?? 0;
  const stuck = condition(object, "ReplicaFailure");
  const why = stuck?.status === "True" ? `: ${stuck.message}` : "";
  return first(
    counted(`replicas updated${why}`, status("updatedReplicas"), want),
    status("replicas") > want ? { waiting: `${status("replicas") - want} old replicas still there` } : "ready",
    counted("replicas available", status("availableReplicas"), want),
  );
}

function statefulSet(object: Values): Readiness {
  if (isStale(object)) return notSeen;
  const want = numberAt(object, "spec", "replicas") ?? 1;
  const status = (name: string) => numberAt(object, "status", name) ?? 0;
  const ready = counted("replicas ready", status("readyReplicas"), want);
  if (textAt(object, "spec", "updateStrategy", "type") === "OnDelete") return ready;
  const partition = numberAt(object, "spec", "updateStrategy", "rollingUpdate", "partition") ?? 0;
  const same = textAt(object, "status", "currentRevision") === textAt(object, "status", "updateRevision");
  const updated = same ? want : status("updatedReplicas");
  return first(counted("replicas updated", updated, Math.max(0, want - partition)), ready);
}

function daemonSet(object: Values): Readiness {
  if (isStale(object)) return notSeen;
  const status = (name: string) => numberAt(object, "status", name) ?? 0;
  const want = status("desiredNumberScheduled");
  const available = counted("nodes available", status("numberAvailable"), want);
  if (textAt(object, "spec", "updateStrategy", "type") === "OnDelete") return available;
  return first(counted("nodes updated", status("updatedNumberScheduled"), want), available);
}

function job(object: Values): Readiness {
  if (at(object, "spec", "suspend") === true) return "ready";
  const failed = condition(object, "Failed");
  if (failed?.status === "True") return { failed: `${failed.reason}: ${failed.message}` };
  if (condition(object, "Complete")?.status === "True") return "ready";
  return {
    waiting: `${numberAt(object, "status", "succeeded") ?? 0} of ${numberAt(object, "spec", "completions") ?? 1} pods succeeded`,
  };
}

function pod(object: Values): Readiness {
  const now = textAt(object, "status", "phase");
  if (now === "Succeeded") return "ready";
  if (now === "Failed")
    return { failed: textAt(object, "status", "message") ?? textAt(object, "status", "reason") ?? "the pod failed" };
  const ready = condition(object, "Ready");
  if (ready?.status === "True") return "ready";
  const stuck = listAt(object, "status", "containerStatuses")
    .map((each) => ({ name: textAt(each, "name"), reason: textAt(each, "state", "waiting", "reason") }))
    .filter(({ reason }) => reason !== undefined)
    .map(({ name, reason }) => `container ${name}: ${reason}`);
  const scheduled = condition(object, "PodScheduled");
  const unscheduled = scheduled?.status === "False" ? scheduled.message : undefined;
  return { waiting: [unscheduled, ...stuck].filter(Boolean).join("; ") || ready?.message || `phase ${now ?? "not set yet"}` };
}

function replicationController(object: Values): Readiness {
  if (isStale(object)) return notSeen;
  return counted("replicas ready", numberAt(object, "status", "readyReplicas") ?? 0, numberAt(object, "spec", "replicas") ?? 1);
}

async function service(object: Values, related: Related): Promise<Readiness> {
  const type = textAt(object, "spec", "type");
  if (type === "ExternalName") return "ready";
  const balanced = type === "LoadBalancer" ? loadBalancer(object) : "ready";
  const headless = textAt(object, "spec", "clusterIP") === "None";
  const selects = Object.keys((at(object, "spec", "selector") as Values | undefined) ?? {}).length > 0;
  if (balanced !== "ready" || !selects || headless) return balanced;
  const ready = (await related.endpointSlices())
    .flatMap((slice) => listAt(slice, "endpoints"))
    .some((endpoint) => at(endpoint, "conditions", "ready") !== false);
  return ready ? "ready" : { waiting: "no pod that its selector matches is ready" };
}

function loadBalancer(object: Values): Readiness {
  const given = listAt(object, "status", "loadBalancer", "ingress").length > 0;
  return given ? "ready" : { waiting: "no address from its load balancer" };
}

function phase(object: Values, ...wanted: string[]): Readiness {
  const now = textAt(object, "status", "phase") ?? "not set yet";
  if (now === "Failed" || now === "Lost") return { failed: textAt(object, "status", "message") ?? `its phase is ${now}` };
  return wanted.includes(now) ? "ready" : { waiting: `phase ${now}` };
}

async function claim(object: Values, related: Related): Promise<Readiness> {
  const bound = phase(object, "Bound");
  if (bound === "ready" || "failed" in bound) return bound;
  const name = textAt(object, "spec", "storageClassName");
  const storageClass = name === undefined ? undefined : await related.storageClass(name);
  // Bound by its first pod, which may be created only after this.
  return textAt(storageClass, "volumeBindingMode") === "WaitForFirstConsumer" ? "ready" : bound;
}

function quota(object: Values): Readiness {
  const hard = Object.keys((at(object, "spec", "hard") as Values | undefined) ?? {});
  const seen = at(object, "status", "hard") as Values | undefined;
  return counted("limits in force", hard.filter((key) => seen?.[key] !== undefined).length, hard.length);
}

function tokenSecret(object: Values): Readiness {
  if (textAt(object, "type") !== "kubernetes.io/service-account-token") return "ready";
  return at(object, "data", "token") === undefined ? { waiting: "no token yet" } : "ready";
}

function definition(object: Values): Readiness {
  const names = condition(object, "NamesAccepted");
  if (names?.status === "False") return { failed: names.message };
  return condition(object, "Established")?.status === "True" ? "ready" : { waiting: "not established yet" };
}
