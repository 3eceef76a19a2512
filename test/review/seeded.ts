import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { checkout } from "../../scripts/console/directories.ts";
import { type Base, changeFrom, prepareBase } from "../../scripts/review/change.ts";
import { renderMarkdown } from "../../scripts/review/markdown.ts";
import { type Page, pageOf } from "../../scripts/review/page.ts";
import { worktree } from "../../scripts/review/sources.ts";
import { applyChange, readCorpus, type SeededChange } from "./corpus.ts";

export const corpus: readonly SeededChange[] = readCorpus(join(checkout, "test", "review", "corpus"));

export interface Told {
  readonly page: Page;
  readonly markdown: string;
  /** What plain Pulumi would have shown of the same, with --diff. */
  readonly preview: string;
}

/** Whether the page has the words that it is to have, and none of the others. */
export const hasItsWords = ({ says, omits }: SeededChange, { markdown }: Told): boolean =>
  says.every((words) => markdown.includes(words)) && !omits.some((words) => markdown.includes(words));

export function assertTold(seeded: SeededChange, told: Told): void {
  const { page, markdown } = told;
  assert.equal(page.verdict, seeded.verdict, markdown);
  assert.ok(hasItsWords(seeded, told), `says ${seeded.says.join(" | ")}; omits ${seeded.omits.join(" | ")}\n${markdown}`);
}

/** Reviews changes of the corpus, all of them from one base that has the given stacks; all stacks where none is given. */
export function reviewer(stacks: readonly string[]): (seeded: SeededChange) => Promise<Told> {
  const directory = mkdtempSync(join(tmpdir(), "tandem-test-review-"));
  after(() => rmSync(directory, { recursive: true, force: true }));
  const options = {
    ...{ platform: "reference", from: "base" as const, base: worktree, head: worktree, stacks, jobs: 3 },
    ...{ signal: new AbortController().signal, stream: process.stderr },
  };
  let base: Promise<Base> | undefined;
  return async (seeded) => {
    base ??= prepareBase(options, directory);
    const edit = (root: string): void => applyChange(seeded, "reference", root);
    const own = mkdtempSync(join(directory, "change-"));
    const change = await changeFrom(await base, { ...options, stacks: seeded.stacks, edit }, own);
    rmSync(own, { recursive: true, force: true });
    // The verdict is that of the stacks that were looked at.
    const page = pageOf({ ...change, leftOut: [] });
    return { page, markdown: renderMarkdown(page), preview: change.stacks.map(({ report }) => report.text).join("\n") };
  };
}
