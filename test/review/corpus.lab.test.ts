import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { assertTold, corpus, hasItsWords, reviewer, type Told } from "./seeded.ts";

// All seeded changes of the reference platform, each previewed by the real engine: what a reviewer is told, and how long the page is.

const isRisky = (verdict: string): boolean => verdict === "needs care" || verdict === "dangerous";

describe("the corpus of changes", () => {
  const review = reviewer([]);
  const told = new Map<string, Told>();
  describe("each", { concurrency: 2 }, () => {
    for (const seeded of corpus)
      it(seeded.name, async () => {
        const one = await review(seeded);
        told.set(seeded.name, one);
        assertTold(seeded, one);
      });
  });

  it("has a page that is a fifth of a preview with --diff, or less", () => {
    const lengths = [...told.values()].filter(({ preview }) => preview.length > 0);
    const sum = (of: (each: Told) => number): number => lengths.reduce((total, each) => total + of(each), 0);
    const ratio = sum(({ markdown }) => markdown.length) / sum(({ preview }) => preview.length);
    process.stdout.write(`pages: ${ratio.toFixed(3)} of what the previews say\n`);
    assert.ok(ratio <= 0.2, String(ratio));
  });

  after(() => {
    const all = corpus.flatMap((seeded) => {
      const one = told.get(seeded.name);
      return one ? [{ seeded, one, flagged: isRisky(one.page.verdict), risky: isRisky(seeded.verdict) }] : [];
    });
    const right = all.filter(({ seeded, one, flagged, risky }) => flagged && risky && hasItsWords(seeded, one));
    const [flagged, risky] = [all.filter((each) => each.flagged), all.filter((each) => each.risky)];
    process.stdout.write(
      `${all.length} changes, ${risky.length} of them risky; precision ${(right.length / flagged.length).toFixed(2)}, recall ${(right.length / risky.length).toFixed(2)}\n`,
    );
  });
});
