import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import { checkout } from "../../scripts/console/directories.ts";
import type { Page } from "../../scripts/review/page.ts";
import { sendsNothing } from "../support/counted-network.ts";
import { assertTold, corpus, reviewer } from "./seeded.ts";

// Some of the corpus, in the real engine; test/review/corpus.lab.test.ts takes all of it.

const stacks = ["reference-dc2", "reference-dc2-partner"];
const some = [
  "a worker more",
  "a control-plane host gets another name",
  "HAProxy goes back",
  "an image without digest",
  "database hosts are larger",
  "a database node is out of service",
];

describe("a review", () => {
  it("finds no change between a commit and itself, and sends no packet", async () => {
    const words = ["--platform", "reference", "--base", "HEAD", "--head", "HEAD", ...stacks.flatMap((name) => ["--stack", name])];
    const script = join(checkout, "scripts", "review", "index.ts");
    const { stdout } = await sendsNothing([process.execPath, script, ...words, "--format", "json"], { reject: false });
    const page = JSON.parse(String(stdout)) as Page;
    assert.deepEqual([page.findings, page.restarts, page.texts, page.changes.same > 500], [[], [], [], true]);
    assert.match(page.unjudged.join("\n"), /reference-trust.*: not asked for/);
  });

  const review = reviewer(stacks);
  for (const name of some)
    it(`tells: ${name}`, async () => {
      const seeded = corpus.find((each) => each.name === name);
      assert.ok(seeded);
      assertTold(seeded, await review(seeded));
    });
});
