import { type HostRole, platformZone } from "../environments/model/topology.ts";
import type { Inputs, Resource, Stack } from "./rule.ts";

// What several rules judge, as resources show it.

/** A container of a service on a host. */
export const container = "docker:index/container:Container";
export const dockerVolume = "docker:index/volume:Volume";
export const dockerProvider = "pulumi:providers:docker";
/** Something that is run on a host over SSH. */
export const remoteCommand = "command:remote:Command";

const label = (inputs: Inputs, name: string): string | undefined =>
  (inputs["labels"] ?? []).find((each: { label: string }) => each.label === `tandem.${name}`)?.value;

/** What a container is on its host, as in "haproxy". */
export const serviceOf = ({ inputs }: Resource): string | undefined => label(inputs, "service");

/** Name of the host that a container or a volume is on. */
export const hostOf = ({ inputs }: Resource): string | undefined => label(inputs, "host");

/** Hosts of a stack with a service, in order. */
export const hostsWith = ({ resources }: Pick<Stack, "resources">, service: string): string[] =>
  resources
    .filter((resource) => resource.type === container && serviceOf(resource) === service)
    .flatMap((resource) => hostOf(resource) ?? [])
    .sort();

/** Of a service that all hosts of a role have: who has it, and who is out of service and will have it again when replaced, as the environment file says. */
export const membersOf = (stack: Stack, service: string, role: HostRole): string[] => {
  const { site, zone = platformZone } = stack.plan;
  const declared = stack.topology.sites.find(({ name }) => name === site)?.zones.find(({ name }) => name === zone)?.hosts ?? [];
  const awaited = declared.filter((host) => host.role === role && !host.inService).map(({ name }) => name);
  return [...new Set([...hostsWith(stack, service), ...awaited])].sort();
};

export interface HostText {
  readonly resource: Resource;
  readonly text: string;
}

/** What a stack writes to its hosts, as far as a preview knows it; and what reading the rest throws, for a rule that has judged what there is. */
export function hostTexts({ resources }: Pick<Stack, "resources">): {
  readonly texts: readonly HostText[];
  readonly unknown?: unknown;
} {
  const texts: HostText[] = [];
  let unknown: unknown;
  for (const resource of resources.filter(({ type }) => type === remoteCommand)) {
    try {
      texts.push({ resource, text: String(resource.inputs["stdin"] ?? "") });
    } catch (error) {
      unknown ??= error;
    }
  }
  return { texts, unknown };
}

const workloads = {
  "kubernetes:core/v1:Pod": ["spec"],
  "kubernetes:apps/v1:DaemonSet": ["spec", "template", "spec"],
  "kubernetes:apps/v1:Deployment": ["spec", "template", "spec"],
  "kubernetes:apps/v1:ReplicaSet": ["spec", "template", "spec"],
  "kubernetes:apps/v1:StatefulSet": ["spec", "template", "spec"],
  "kubernetes:batch/v1:CronJob": ["spec", "jobTemplate", "spec", "template", "spec"],
  "kubernetes:batch/v1:Job": ["spec", "template", "spec"],
} as const;

/** Types of resources that have pods. */
export const podTypes: readonly string[] = Object.keys(workloads);

export interface Pod {
  /** Where its description is among the inputs. */
  readonly at: readonly string[];
  readonly spec: Inputs;
}

export function podOf({ type, inputs }: Resource): Pod {
  const at = workloads[type as keyof typeof workloads];
  return { at, spec: at.reduce((value: Inputs, key) => value[key] ?? {}, inputs) };
}

export interface PodContainer {
  readonly at: readonly (string | number)[];
  readonly name: string;
  readonly spec: Inputs;
}

/** All containers of a pod, those that start it among them. */
export const podContainers = ({ at, spec }: Pod): PodContainer[] =>
  ["initContainers", "containers", "ephemeralContainers"].flatMap((kind) =>
    (spec[kind] ?? []).map((each: Inputs, index: number) => ({ at: [...at, kind, index], name: each["name"], spec: each })),
  );

/** As `<namespace>/<name>` of what a resource makes in a cluster; the name alone where it is of no namespace. */
export const objectName = ({ inputs }: Resource): string => {
  const { name, namespace } = inputs["metadata"] ?? {};
  return namespace === undefined ? String(name) : `${namespace}/${name}`;
};
