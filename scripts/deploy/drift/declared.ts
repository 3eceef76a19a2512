import { z } from "zod";
import { type Deployment, holdsSealed, opened, resourceName, resourcesOf } from "../deployment.ts";

// What a stack's state declares of hosts and containers. Pure.

const probeShape = z.object({
  resource: z.string(),
  host: z.string(),
  what: z.string(),
  command: z.string(),
  expected: z.string(),
});

/** One check of a host: what the command should print. */
export type Probe = z.infer<typeof probeShape> & {
  readonly stack: string;
};

/** A container that should run. */
export interface DeclaredContainer {
  readonly stack: string;
  readonly urn: string;
  readonly id: string;
  readonly name: string;
  /** Reference or id, as declared. */
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
  /** False where the container may be stopped. */
  readonly mustRun: boolean;
  /** URN of the provider, which names the engine. */
  readonly provider: string;
}

/** Whether the probes can be read only from an export that shows secrets. */
export const probesAreSealed = (state: Deployment): boolean =>
  resourcesOf(state).some((resource) => holdsSealed(resource.outputs?.["probes"]));

/** The probes that a stack's components recorded. */
export function probesOf(stack: string, state: Deployment): Probe[] {
  return resourcesOf(state).flatMap((resource) => {
    const probes = opened(resource.outputs?.["probes"]);
    if (probes === undefined) return [];
    const read = z.array(probeShape).safeParse(probes);
    if (!read.success)
      throw new Error(`${stack}: ${resourceName(resource)} recorded probes that can't be read: ${z.prettifyError(read.error)}`);
    return read.data.map((probe) => ({ ...probe, stack }));
  });
}

const containerShape = z.object({
  name: z.string(),
  image: z.string(),
  mustRun: z.boolean().optional(),
  labels: z.array(z.object({ label: z.string(), value: z.string() })).optional(),
});

/** The containers that a stack made. */
export function containersOf(stack: string, state: Deployment): DeclaredContainer[] {
  return resourcesOf(state)
    .filter((resource) => resource.type === "docker:index/container:Container" && resource.delete !== true && resource.id)
    .map((resource) => {
      const { name, image, mustRun = true, labels = [] } = containerShape.parse(opened(resource.outputs));
      return {
        stack,
        urn: resource.urn,
        id: resource.id ?? "",
        name,
        image,
        mustRun,
        labels: Object.fromEntries(labels.map(({ label, value }) => [label, value])),
        provider: (resource.provider ?? "").split("::").slice(0, -1).join("::"),
      };
    });
}

/** DOCKER_HOST of a provider of the state; undefined where the state does not tell: it is a secret, or missing. */
export function engineOf(state: Deployment, provider: string): string | undefined {
  const host = opened(resourcesOf(state).find((resource) => resource.urn === provider)?.inputs?.["host"]);
  return typeof host === "string" && host !== "" ? host : undefined;
}
