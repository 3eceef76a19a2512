import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "../../scripts/review/page.ts";
import { npm, own, said } from "./session.ts";

// Reviews in the lab's checkout, which is a repository since `commitAll`.

export interface Reviewed {
  readonly page: Required<Page>;
  /** What an `up` is given: the digest, and the file of the page. */
  readonly approved: readonly string[];
}

/** Reviews what is edited in the lab's checkout. */
export async function reviewed(from: "base" | "state", stacks: readonly string[]): Promise<Reviewed> {
  const file = join(own.home, "page.json");
  const words = ["--platform", "lab", "--base", "HEAD", "--from", from, "--page", file];
  const outcome = await npm("review", [...words, ...stacks.flatMap((name) => ["--stack", name])]);
  assert.ok(outcome.code !== 1, said(outcome));
  const page = JSON.parse(readFileSync(file, "utf8")) as Required<Page>;
  assert.ok(page.digest, said(outcome));
  assert.ok(outcome.stdout.includes(`npm run up -- --platform lab --approved ${page.digest}`), said(outcome));
  return { page, approved: ["--approved", page.digest, "--page", file] };
}
