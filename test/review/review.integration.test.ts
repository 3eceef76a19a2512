import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { checkout } from "../../scripts/console/directories.ts";
import { type Base, changeFrom, prepareBase } from "../../scripts/review/change.ts";
import { applyChange, readCorpus } from "../../scripts/review/corpus.ts";
import { renderMarkdown } from "../../scripts/review/markdown.ts";
import { pageOf } from "../../scripts/review/page.ts";
import { worktree } from "../../scripts/review/sources.ts";
import { sendsNothing } from "../support/counted-network.ts";

// Some of the corpus, in the real engine; npm run bench -- review takes all of it.

const stacks = ["reference-dc2", "reference-dc2-partner"];
const directory = mkdtempSync(join(tmpdir(), "tandem-test-review-"));
const options = {
  ...{ platform: "reference", base: worktree, head: worktree, stacks, jobs: 3 },
  ...{ signal: new AbortController().signal, stream: process.stderr },
};

after(() => rmSync(directory, { recursive: true, force: true }));

describe("a review", () => {
  it("says in one line that nothing changes, and sends no packet", async () => {
    const words = ["--platform", "reference", "--base", "HEAD", "--head", "HEAD", ...stacks.flatMap((name) => ["--stack", name])];
    const script = join(checkout, "scripts", "review", "index.ts");
    const { stdout } = await sendsNothing([process.execPath, script, ...words, "--format", "json"], { reject: false });
    const page = JSON.parse(String(stdout)) as ReturnType<typeof pageOf>;
    assert.deepEqual([page.findings, page.restarts, page.texts, page.changes.same > 500], [[], [], [], true]);
    assert.match(page.unjudged.join("\n"), /reference-trust.*: not asked for/);
  });

  let base: Base;
  for (const name of [
    "a worker more",
    "a control-plane host gets another name",
    "HAProxy goes back",
    "an image without digest",
    "database hosts are larger",
  ])
    it(`tells: ${name}`, async () => {
      base ??= await prepareBase(options, directory);
      const seeded = readCorpus(join(checkout, "test", "review", "corpus")).find((each) => each.name === name);
      assert.ok(seeded);
      const edit = (root: string): void => applyChange(seeded, "reference", root);
      const change = await changeFrom(
        base,
        { ...options, stacks: seeded.stacks, edit },
        join(directory, name.replaceAll(" ", "-")),
      );
      const page = pageOf({ ...change, leftOut: [] });
      const text = renderMarkdown(page);
      assert.equal(page.verdict, seeded.verdict, text);
      for (const words of seeded.says) assert.ok(text.includes(words), `${words}\n${text}`);
    });
});
