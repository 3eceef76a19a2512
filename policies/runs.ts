import { type Run, stackIn } from "./run.ts";

/** Runs of an engine, by stack: a pack that was started once judges many, one after another and at once. */
export class Runs {
  readonly #begin: () => Run;
  readonly #begun = new Map<string, Run>();

  constructor(begin: () => Run) {
    this.#begin = begin;
  }

  /** The run that a resource was seen in. */
  of(urn: string): Run {
    return this.#begun.get(stackIn(urn)) ?? this.begin(urn);
  }

  /** A new run of a resource's stack; one before it may have ended half-way. */
  begin(urn: string): Run {
    const run = this.#begin();
    this.#begun.set(stackIn(urn), run);
    return run;
  }

  /** Forgets a stack's run and returns it. */
  end(urn: string): Run {
    const run = this.of(urn);
    this.#begun.delete(stackIn(urn));
    return run;
  }
}
