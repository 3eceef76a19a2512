import assert from "node:assert/strict";
import { test } from "node:test";
import { behind, copies, readFollowed, renderFollowedUntil } from "../../../scripts/deploy/followed.ts";

const now = 1_800_000_000_000;
const at = (secondsAgo: number): string => `${now / 1000 - secondsAgo} ${now / 1000 - secondsAgo + 5}\n`;

test("a copy counts from its beginning: what was written while it was made may not be in it", () => {
  assert.equal(renderFollowedUntil(copies.nas, readFollowed(at(30)), now), "has all that the active site's NAS had 30 s ago");
});

test("two copies may be missing, the third is said, with what the last attempt said", () => {
  assert.deepEqual(behind(copies.nas, readFollowed(`${at(15 * 60)}connection refused\n`), 5, now), []);
  assert.deepEqual(behind(copies.nas, readFollowed(`${at(16 * 60)}connection refused\n`), 5, now), [
    "the last copy of the active site's files is 16 min old, every 5 min there should be one: connection refused",
  ]);
});

test("a NAS that has no copy yet is not well", () => {
  assert.deepEqual(behind(copies.nas, readFollowed("\n"), 5, now), ["no copy of the active site's files was made yet"]);
  assert.equal(renderFollowedUntil(copies.nas, readFollowed("\n"), now), "has none of the active site's files yet");
});

test("of a registry the same is said of images", () => {
  assert.equal(
    renderFollowedUntil(copies.registry, readFollowed(at(30)), now),
    "has all that the active site's registry had 30 s ago",
  );
  assert.deepEqual(behind(copies.registry, readFollowed("\n"), 5, now), ["no copy of the active site's images was made yet"]);
});
