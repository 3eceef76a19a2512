import { X509Certificate } from "node:crypto";
import type { StackPlan } from "../environments/model/stack-names.ts";

/** An authority in a list whose first one issues; hosts trust all of it. */
export interface ListedAuthority {
  readonly name: string;
  /** PEM. Of a declared one that is made here it does not say. */
  readonly certificate?: string;
}

export interface Rotation {
  readonly platform: string;
  /** As the trust stack was deployed. */
  readonly recorded: readonly ListedAuthority[];
  readonly declared: readonly ListedAuthority[];
}

/**
 * What is wrong with the step from the recorded authorities to the declared ones. In a sound one, what issues afterwards was trusted before,
 * and what issued before is still trusted.
 */
export function rotationProblems({ recorded, declared }: Rotation): string[] {
  const [issuer] = recorded;
  const [next] = declared;
  if (!issuer || !next) return [];
  const steps = `go in three steps, with an up of all stacks after each: [${issuer.name}, <new>], [<new>, ${issuer.name}], [<new>]`;
  const problems: string[] = [];
  if (!named(recorded, next.name)) problems.push(`${next.name} would issue before hosts trust it; ${steps}`);
  if (!named(declared, issuer.name))
    problems.push(`${issuer.name} would go while it issues, and what it signed would be trusted nowhere; ${steps}`);
  for (const { name, certificate } of declared) {
    const before = named(recorded, name)?.certificate;
    if (before !== undefined && certificate !== undefined && !isSameKey(before, certificate))
      problems.push(`${name}: another key than that of the authority that hosts trust under this name; give it a new name`);
  }
  return problems.map((problem) => `trust.authorities: ${problem}`);
}

/** Stacks whose hosts, services or nodes believe the authorities, and which record those that they took up. */
export const trustingStacks = (stacks: readonly Pick<StackPlan, "kind" | "name">[]): string[] =>
  stacks.filter(({ kind }) => kind === "zone" || kind === "core" || kind === "services").map(({ name }) => name);

/**
 * The stacks that a step would leave behind. Each has recorded which authorities it took up: its hosts trust all of them, and what runs on
 * its hosts has certificates of the first.
 */
export function leftBehindProblems(
  { platform, recorded, declared }: Rotation,
  takenUp: ReadonlyMap<string, readonly string[]>,
): string[] {
  const issuer = declared[0]?.name ?? "";
  const gone = recorded.filter(({ name }) => !named(declared, name)).map(({ name }) => name);
  const behind = [...takenUp]
    .filter(([, [first = "", ...others]]) => ![first, ...others].includes(issuer) || gone.includes(first))
    .map(([stack]) => stack);
  if (behind.length === 0) return [];
  return [
    `trust.authorities: the step before this one has not reached ${behind.join(", ")}; put the list [${recorded.map(({ name }) => name).join(", ")}] ` +
      `back, run: npm run up -- --platform ${platform}, then take this step again`,
  ];
}

const named = (list: readonly ListedAuthority[], wanted: string): ListedAuthority | undefined =>
  list.find(({ name }) => name === wanted);

const isSameKey = (a: string, b: string): boolean => new X509Certificate(a).publicKey.equals(new X509Certificate(b).publicKey);
