import { type Deployment, isSealed, resourceName, resourcesOf, type StateResource } from "./deployment.ts";

// Takes a host out of a stack's state. Pure.

/** Components that stand for a host and are named after it. */
const hostTypes: readonly string[] = ["tandem:host:Host", "tandem:lab:LabMachine"];

export interface Forgotten {
  readonly state: Deployment;
  /** What was taken out, in the state's order. */
  readonly resources: readonly StateResource[];
}

/** Names of the hosts that a state holds. */
export const hostsIn = (state: Deployment): string[] =>
  resourcesOf(state)
    .filter(({ type }) => hostTypes.includes(type))
    .map(resourceName);

/** The state without a host: its component, all below it, all that is named after it, and what the stack's outputs recorded of it. */
export function forgetHost(state: Deployment, host: string): Forgotten {
  const gone = urnsOf(resourcesOf(state), host);
  const kept = resourcesOf(state)
    .filter(({ urn }) => !gone.has(urn))
    .map((resource) => withoutOutputs(withoutProbes(withoutEdges(resource, gone), host), host));
  const pending = state.deployment.pending_operations?.filter(({ resource }) => !gone.has(resource.urn));
  const deployment = { ...state.deployment, resources: kept, ...(pending && { pending_operations: pending }) };
  return { state: { ...state, deployment }, resources: resourcesOf(state).filter(({ urn }) => gone.has(urn)) };
}

/** URNs of what belongs to a host; what lives below or through any of it goes too. */
function urnsOf(resources: readonly StateResource[], host: string): Set<string> {
  const gone = new Set<string>();
  for (let before = -1; before < gone.size; ) {
    before = gone.size;
    for (const resource of resources) {
      const name = resourceName(resource);
      const own =
        (hostTypes.includes(resource.type) && name === host) ||
        (resource.type !== "pulumi:pulumi:Stack" && name.endsWith(`-${host}`));
      const below = resource.parent !== undefined && gone.has(resource.parent);
      if (own || below || gone.has(providerUrn(resource))) gone.add(resource.urn);
    }
  }
  return gone;
}

/** A resource names its provider as `<urn>::<id>`. */
const providerUrn = (resource: StateResource): string => (resource.provider ?? "").split("::").slice(0, -1).join("::");

/** The resource without what it noted about resources that are gone; its next update notes it anew. */
function withoutEdges(resource: StateResource, gone: ReadonlySet<string>): StateResource {
  const { deletedWith, dependencies, propertyDependencies, ...rest } = resource;
  const stay = (urns: readonly string[] | null): string[] => (urns ?? []).filter((urn) => !gone.has(urn));
  return {
    ...rest,
    ...(deletedWith !== undefined && !gone.has(deletedWith) && { deletedWith }),
    ...(dependencies && { dependencies: stay(dependencies) }),
    ...(propertyDependencies && {
      propertyDependencies: Object.fromEntries(Object.entries(propertyDependencies).map(([key, urns]) => [key, stay(urns)])),
    }),
  };
}

/** A component of several hosts without the probes of the one that is gone: drift would ask it. */
function withoutProbes(resource: StateResource, host: string): StateResource {
  const probes = resource.outputs?.["probes"];
  if (!Array.isArray(probes)) return resource;
  const stay = probes.filter((probe: unknown) => !(isRecord(probe) && probe["host"] === host));
  return { ...resource, outputs: { ...resource.outputs, probes: stay } };
}

/** The stack without its host's identity and machine: the guard compares the next run with them. */
function withoutOutputs(resource: StateResource, host: string): StateResource {
  if (resource.type !== "pulumi:pulumi:Stack" || !resource.outputs) return resource;
  const { identity, machines } = resource.outputs;
  if (isSealed(identity) || isSealed(machines))
    throw new Error(`${resourceName(resource)}: its recorded identity is a secret and can't be edited`);
  return {
    ...resource,
    outputs: {
      ...resource.outputs,
      ...(isRecord(identity) && { identity: { ...identity, hosts: without(identity["hosts"], host) } }),
      ...(isRecord(machines) && { machines: without(machines, host) }),
    },
  };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const without = (value: unknown, key: string): unknown =>
  isRecord(value) ? Object.fromEntries(Object.entries(value).filter(([name]) => name !== key)) : value;
