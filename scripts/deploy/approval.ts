import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Topology } from "../../environments/model/topology.ts";
import { cacheDirectory } from "../console/directories.ts";
import { UserError } from "../console/errors.ts";
import { writeWhole } from "../console/files.ts";
import { programFiles } from "./program-files.ts";
import type { Step } from "./steps.ts";
import { partsOf } from "./summary.ts";

// What somebody can approve before an `up` does it: its steps, and what decides their values, which no step shows where they are secret. The same change has the same
// digest on every machine.

const approvalShape = z.object({
  platform: z.string(),
  /** Digest of what the environment file says. */
  environment: z.string(),
  /** Digests of the program's files, by their path. */
  program: z.record(z.string(), z.string()),
  /** By stack; none where a stack stays as it is. */
  stacks: z.record(
    z.string(),
    z.array(z.object({ op: z.string(), urn: z.string(), paths: z.array(z.string()), replacing: z.array(z.string()) })),
  ),
});
export type Approval = z.infer<typeof approvalShape>;
type ApprovedStep = Approval["stacks"][string][number];

/** Of environments only what reads them: what they say is in the topology, and a stack's own file has its key in it. */
const decides = (file: string): boolean => !/^(environments\/[^/]*|stacks\/config\/.*)$/.test(file);

const hash = (text: string | Buffer, length: number): string => createHash("sha256").update(text).digest("hex").slice(0, length);

export function approvalOf(
  topology: Topology,
  root: string,
  stacks: readonly { readonly stack: string; readonly steps: readonly Step[] }[],
): Approval {
  const files = programFiles(root).filter(decides);
  return {
    platform: topology.platform,
    environment: hash(JSON.stringify(topology), 32),
    program: Object.fromEntries(files.map((file) => [file, hash(readFileSync(join(root, file)), 16)])),
    stacks: Object.fromEntries(stacks.map(({ stack, steps }) => [stack, steps.map(approvedStep)])),
  };
}

const approvedStep = ({
  op,
  urn,
  paths,
  replacing,
}: Pick<Step, "op" | "urn" | "paths" | "replacing"> | ApprovedStep): ApprovedStep => ({
  ...{ op, urn, paths: [...paths], replacing: [...replacing] },
});

export function digestOf({ platform, environment, program, stacks }: Approval): string {
  const byName = (all: Readonly<Record<string, unknown>>): unknown => Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1));
  return hash(JSON.stringify([platform, environment, byName(program), byName(stacks)]), 32);
}

const keptAt = (digest: string): string => join(cacheDirectory, "review", "approvals", `${digest}.json`);

/** Keeps it for an `up` on this machine. */
export const keepApproval = (approval: Approval): void => writeWhole(keptAt(digestOf(approval)), JSON.stringify(approval));

/** What a digest stands for: out of a page, or kept since a review on this machine. */
export function readApproval(digest: string, page?: string): Approval {
  const file = page ?? keptAt(digest);
  if (!existsSync(file))
    throw new UserError(
      page === undefined
        ? `--approved ${digest}: no review on this machine had this digest. Name what the review wrote: --page page.json, after npm run review -- … --page page.json; or make the same review here. Nothing was changed.`
        : `--page ${page}: there is no such file. Nothing was changed.`,
    );
  const found = approvalShape.safeParse(approvalIn(file, page !== undefined));
  if (!found.success)
    throw new UserError(
      `${file}: not what npm run review writes with --page, or the page of a change that nobody can approve (${z.prettifyError(found.error).replaceAll("\n", " ")}). Nothing was changed.`,
    );
  const own = digestOf(found.data);
  if (own !== digest) throw new UserError(`--approved ${digest}: ${file} has the digest ${own}. Nothing was changed.`);
  return found.data;
}

function approvalIn(file: string, isPage: boolean): unknown {
  try {
    const content = JSON.parse(readFileSync(file, "utf8")) as { readonly approval?: unknown } | null;
    return isPage ? content?.approval : content;
  } catch (error) {
    throw new UserError(`${file}: can't be read: ${(error as Error).message}. Nothing was changed.`);
  }
}

/** How a checkout differs from what was approved, before any stack is previewed. */
export function sourceProblems(approval: Approval, topology: Topology, root: string): string[] {
  const now = approvalOf(topology, root, []);
  if (now.platform !== approval.platform) return [`approved is a change of ${approval.platform}, not of ${now.platform}`];
  const names = [...new Set([...Object.keys(approval.program), ...Object.keys(now.program)])].sort();
  return [
    ...(now.environment === approval.environment
      ? []
      : [`environments/${now.platform}.yaml says something else than when it was approved`]),
    ...names
      .filter((file) => now.program[file] !== approval.program[file])
      .map((file) => `${file} is not the file that was approved`),
  ];
}

/** How the steps of a stack differ from the approved ones, a line each. */
export interface StepDifference {
  /** Would be done, and is not approved. */
  readonly added: readonly string[];
  /** Is approved, and not to be done: an `up` that failed half-way has done it. */
  readonly left: readonly string[];
}

export function stepDifference({ stacks }: Approval, stack: string, steps: readonly Step[]): StepDifference {
  const byKey = (all: readonly ApprovedStep[]): Map<string, string> =>
    new Map(all.map((step) => [JSON.stringify(step), stepText(step)]));
  const [approved, now] = [byKey((stacks[stack] ?? []).map(approvedStep)), byKey(steps.map(approvedStep))];
  const without = (all: typeof now, others: typeof now): string[] =>
    [...all].filter(([key]) => !others.has(key)).map(([, text]) => text);
  return { added: without(now, approved), left: without(approved, now) };
}

/** Steps on what no approved step is on: to be told also while values of other stacks are still to come. */
export function strangeSteps({ stacks }: Approval, stack: string, steps: readonly Step[]): StepDifference {
  const urns = new Set((stacks[stack] ?? []).map(({ urn }) => urn));
  return { added: steps.filter(({ urn }) => !urns.has(urn)).map((step) => stepText(approvedStep(step))), left: [] };
}

function stepText({ op, urn, paths, replacing }: ApprovedStep): string {
  const { type, name } = partsOf(urn);
  const because = replacing.length > 0 ? `; replaced because of ${replacing.join(", ")}` : "";
  return `${op} ${type} ${name}${paths.length > 0 ? ` (${paths.join(", ")}${because})` : ""}`;
}
