import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";

// What the engine's events say about one stack's run.

export const changeKinds = ["create", "update", "replace", "delete", "same"] as const;
export type ChangeKind = (typeof changeKinds)[number];
export type Changes = Readonly<Record<ChangeKind, number>>;

/** One resource that a run changes. */
export interface ResourceChange {
  readonly op: Exclude<ChangeKind, "same">;
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  /** Properties that differ. */
  readonly properties: readonly string[];
}

export interface Diagnostic {
  readonly severity: "warning" | "error";
  /** Name of the resource, empty for the program itself. */
  readonly resource: string;
  readonly message: string;
}

export interface StackSummary {
  readonly changes: Changes;
  readonly resources: readonly ResourceChange[];
  readonly diagnostics: readonly Diagnostic[];
}

export const noChanges: Changes = { create: 0, update: 0, replace: 0, delete: 0, same: 0 };

/** How many resources are not as they were. */
export const changeCount = (changes: Changes): number => changes.create + changes.update + changes.replace + changes.delete;

/** Adds up the sums of several stacks. */
export function totalChanges(all: readonly Changes[]): Changes {
  const sum = (kind: ChangeKind): number => all.reduce((total, changes) => total + changes[kind], 0);
  return { create: sum("create"), update: sum("update"), replace: sum("replace"), delete: sum("delete"), same: sum("same") };
}

/** As in "3 to create, 1 to replace"; "nothing changes" when that is so. */
export function describeChanges(changes: Changes, verb: "to" | "done" = "to"): string {
  const parts = changeKinds
    .filter((kind) => kind !== "same" && changes[kind] > 0)
    .map((kind) => `${changes[kind]} ${words[verb][kind]}`);
  return parts.length > 0 ? parts.join(", ") : verb === "to" ? "nothing changes" : "nothing changed";
}

const words = {
  to: { create: "to create", update: "to update", replace: "to replace", delete: "to delete", same: "unchanged" },
  done: { create: "created", update: "updated", replace: "replaced", delete: "deleted", same: "unchanged" },
} as const;

/** Collects the events of a run; `summary` can be asked at any time, also of a run that failed. */
export class EventSummary {
  readonly #resources = new Map<string, ResourceChange>();
  readonly #diagnostics: Diagnostic[] = [];
  readonly #done = new Set<string>();
  #same = 0;
  /** Resources that the engine has looked at, and is done with. */
  started = 0;
  finished = 0;

  add(event: EngineEvent): void {
    const metadata = event.resourcePreEvent?.metadata;
    if (metadata) {
      this.started += 1;
      const op = kindOf(metadata.op);
      if (op === "same") this.#same += 1;
      else if (op && !isReplaced(this.#resources.get(metadata.urn))) {
        const { type, name } = partsOf(metadata.urn);
        this.#resources.set(metadata.urn, { op, urn: metadata.urn, type, name, properties: [...(metadata.diffs ?? [])].sort() });
      }
    }
    if (event.resOutputsEvent) {
      this.finished += 1;
      this.#done.add(event.resOutputsEvent.metadata.urn);
    }
    const diagnostic = event.diagnosticEvent;
    if (diagnostic && !diagnostic.ephemeral && (diagnostic.severity === "warning" || diagnostic.severity === "error")) {
      const message = withoutColors(diagnostic.message).trim();
      if (message)
        this.#diagnostics.push({
          severity: diagnostic.severity,
          resource: diagnostic.urn ? nameOf(diagnostic.urn) : "",
          message,
        });
    }
    const policy = event.policyEvent;
    if (policy) {
      const severity = policy.enforcementLevel === "mandatory" ? "error" : "warning";
      const message = `policy ${policy.policyName}: ${withoutColors(policy.message).trim()}`;
      this.#diagnostics.push({ severity, resource: policy.resourceUrn ? nameOf(policy.resourceUrn) : "", message });
    }
  }

  get summary(): StackSummary {
    return this.#summaryOf([...this.#resources.values()]);
  }

  /** Only what was carried out: the account of an `up` that failed half-way. */
  get summaryOfDone(): StackSummary {
    return this.#summaryOf([...this.#resources.values()].filter(({ urn }) => this.#done.has(urn)));
  }

  #summaryOf(resources: readonly ResourceChange[]): StackSummary {
    const count = (op: ChangeKind): number => resources.filter((resource) => resource.op === op).length;
    const changes = {
      create: count("create"),
      update: count("update"),
      replace: count("replace"),
      delete: count("delete"),
      same: this.#same,
    };
    return { changes, resources, diagnostics: this.#diagnostics };
  }
}

const isReplaced = (resource: ResourceChange | undefined): boolean => resource?.op === "replace";

/** The engine's word for a step, as one of ours; a replacement's own create and delete count as one replacement. */
export function kindOf(op: string): ChangeKind | undefined {
  if (op === "create" || op === "update" || op === "delete" || op === "same") return op;
  if (op === "import") return "create";
  return op.includes("replace") ? "replace" : undefined;
}

/** Type and name of a resource, from its URN: `urn:pulumi:<stack>::<project>::<parents and type>::<name>`. */
export function partsOf(urn: string): { readonly type: string; readonly name: string } {
  const [, , types = "", ...name] = urn.split("::");
  return { type: types.slice(types.lastIndexOf("$") + 1), name: name.join("::") };
}

const nameOf = (urn: string): string => {
  const { type, name } = partsOf(urn);
  return type === "pulumi:pulumi:Stack" ? "" : name;
};

/** The engine marks colours as `<{%red%}>`. */
export const withoutColors = (text: string): string => text.replaceAll(/<\{%[^%]*%\}>/g, "");
