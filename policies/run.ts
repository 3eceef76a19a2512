import { EnvironmentError } from "../environments/model/errors.ts";
import { stacksOf } from "../environments/model/stack-names.ts";
import type { Topology } from "../environments/model/topology.ts";
import {
  type Resource,
  type ResourceRule,
  type Rule,
  type StackPlace,
  type StackRule,
  type Violation,
  violationText,
} from "./rule.ts";
import { container } from "./subjects.ts";

export interface Surroundings {
  /** What the environment file says of a platform. */
  readonly topologyOf: (platform: string) => Topology;
  /** As in 2027-06-30. */
  readonly today: string;
  readonly ruleNames: readonly string[];
  /** What reading a value throws that a preview doesn't know. */
  readonly isUnknown: (error: unknown) => error is Error;
}

/** What a rule says, and of which resource: undefined where it says it of a stack as a whole. */
export interface Judgement {
  readonly text: string;
  readonly urn: string | undefined;
}

/** One preview or `up` of one stack: what the engine has shown of it, and what could not be judged yet. */
export class Run {
  readonly #surroundings: Surroundings;
  readonly #resources = new Map<string, Resource>();
  readonly #secrets = new Map<string, readonly string[]>();
  readonly #unjudged = new Map<string, string[]>();
  #of: StackPlace | undefined;

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
  }

  /** Which inputs hold a secret; told before the resource itself. */
  seeSecrets(urn: string, inputs: readonly string[]): void {
    this.#secrets.set(urn, inputs);
  }

  /** Takes a resource in; the same one again changes nothing. */
  see(seen: Omit<Resource, "secrets">): Resource {
    const resource = { ...seen, secrets: this.#secrets.get(seen.urn) ?? [] };
    this.#resources.set(seen.urn, resource);
    return resource;
  }

  /** Judges a resource by itself. */
  judge(rule: ResourceRule, resource: Resource): Judgement[] {
    if (rule.types.length > 0 ? !rule.types.includes(resource.type) : !isMade(resource.type)) return [];
    const of = this.#ofStack(resource.urn);
    // A lab's machines are containers that stand for hosts: what a service may not, a host may.
    if (of.plan.kind === "machines" && resource.type === container) return [];
    return this.#collect(rule, () => rule.check(resource, of), of, resource);
  }

  /** Judges all that was seen together; `reads` names the resources whose values each one reads, by URN. */
  judgeStack(rule: StackRule, reads: ReadonlyMap<string, readonly string[]>): Judgement[] {
    const resources = [...this.#resources.values()];
    const [first] = resources.filter(({ type }) => isMade(type));
    if (!first) return [];
    const of = this.#ofStack(first.urn);
    const readers = Map.groupBy(
      resources.flatMap((reader) => (reads.get(reader.urn) ?? []).map((urn) => ({ urn, reader }))),
      ({ urn }) => urn,
    );
    const byUrn = new Map([...readers].map(([urn, all]) => [urn, all.map(({ reader }) => reader)]));
    return this.#collect(rule, () => rule.checkStack({ ...of, resources, readers: byUrn }), of);
  }

  /** What could not be judged in this preview, and by which rule. */
  get unjudged(): Judgement[] {
    if (this.#unjudged.size === 0) return [];
    const rules = [...this.#unjudged].map(([rule, reasons]) => `${rule} (${reasons.length}, as ${reasons[0]})`);
    return [{ text: `can't be judged yet: ${rules.join("; ")}`, urn: undefined }];
  }

  #collect(rule: Rule, check: () => Iterable<Violation>, { topology, today }: StackPlace, of?: Resource): Judgement[] {
    const found: Judgement[] = [];
    try {
      for (const violation of check()) {
        const resource = violation.resource ?? of;
        const exception = topology.exceptions.find((each) => each.rule === rule.name && each.resource === resource?.name);
        if (exception && exception.expires >= today) continue;
        const over = exception ? `; the exception ${exception.name} of ${exception.owner} ended with ${exception.expires}` : "";
        found.push({ text: `${violationText(violation)}${over}`, urn: resource?.urn });
      }
    } catch (error) {
      if (!this.#surroundings.isUnknown(error)) throw error;
      const reasons = this.#unjudged.get(rule.name) ?? [];
      this.#unjudged.set(rule.name, [...reasons, `${of ? `${of.name}: ` : ""}${error.message}`]);
    }
    return found;
  }

  #ofStack(urn: string): StackPlace {
    this.#of ??= this.#readStack(stackIn(urn));
    return this.#of;
  }

  #readStack(name: string): StackPlace {
    const topology = this.#surroundings.topologyOf(name.split("-")[0] ?? "");
    const plan = stacksOf(topology).find((each) => each.name === name);
    // Not a user's mistake: the program refuses such a stack before it registers anything.
    if (!plan) throw new EnvironmentError(name, [{ path: [], what: "no such stack", fix: "choose another" }]);
    return { topology, plan, today: this.#surroundings.today, ruleNames: this.#surroundings.ruleNames };
  }
}

/** The stack of a resource. */
export const stackIn = (urn: string): string => urn.split("::")[0]?.split(":")[2] ?? "";

/** Whether there is something of it in the world: components and the stack itself only hold others together. */
const isMade = (type: string): boolean => !type.startsWith("pulumi:pulumi:") && !type.startsWith("tandem:");
