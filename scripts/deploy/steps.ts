import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { kindOf, partsOf } from "./summary.ts";

// What an engine would do to each resource, out of what it tells in a preview.

/** What a program asks of a resource, secrets hidden by the engine. */
export type Inputs = Readonly<Record<string, unknown>>;

export interface Step {
  readonly op: "create" | "update" | "replace" | "delete";
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  readonly isProtected: boolean;
  /** Paths of the inputs and outputs that differ, as in `labels[0].value`. */
  readonly paths: readonly string[];
  /** Those of them that can't be changed in place. */
  readonly replacing: readonly string[];
  readonly before: Inputs;
  readonly after: Inputs;
}

/** Collects the steps of one stack. */
export class Steps {
  readonly #steps = new Map<string, Step>();

  add({ resourcePreEvent }: EngineEvent): void {
    const metadata = resourcePreEvent?.metadata;
    const op = metadata && kindOf(metadata.op);
    if (!metadata || !op || op === "same") return;
    const known = this.#steps.get(metadata.urn);
    // A replacement is told in three steps; the one that is called so has the differences.
    if (known?.op === "replace" && metadata.op !== "replace") return;
    const details = Object.entries(metadata.detailedDiff ?? {});
    const paths = details.length > 0 ? details.map(([path]) => path) : (metadata.diffs ?? []);
    const replacing = details.filter(([, { diffKind }]) => diffKind.endsWith("-replace")).map(([path]) => path);
    this.#steps.set(metadata.urn, {
      op,
      urn: metadata.urn,
      ...partsOf(metadata.urn),
      isProtected: metadata.old?.protect ?? metadata.new?.protect ?? false,
      paths: [...paths].sort(),
      replacing: (replacing.length > 0 ? replacing : (metadata.keys ?? [])).toSorted(),
      before: metadata.old?.inputs ?? {},
      after: metadata.new?.inputs ?? {},
    });
  }

  get all(): Step[] {
    return [...this.#steps.values()].sort((a, b) => (a.urn < b.urn ? -1 : 1));
  }
}
