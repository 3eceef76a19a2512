import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { type Backup, newerThanBackup, readBackup, writeBackup, writtenAt } from "../../../scripts/deploy/archive.ts";
import { exampleState } from "./states.ts";

const directory = mkdtempSync(join(tmpdir(), "tandem-test-archive-"));
after(() => rmSync(directory, { recursive: true, force: true }));

const example: Backup = {
  manifest: {
    format: 1,
    platform: "lab",
    backend: "file:///x",
    createdAt: "2026-11-21T10:00:00Z",
    stacks: ["lab-dc1", "lab-trust"],
  },
  states: new Map([
    ["lab-dc1", exampleState()],
    ["lab-trust", exampleState("2026-11-20T10:00:00Z")],
  ]),
  configs: new Map([["lab-dc1", "encryptionsalt: v1:abc\n"]]),
};

describe("a backup of states", () => {
  it("comes back as it was written, and only its owner reads it", async () => {
    const file = join(directory, "whole.tar.gz");
    await writeBackup(file, example);
    assert.deepEqual(await readBackup(file), example);
    assert.equal(statSync(file).mode & 0o077, 0);
  });

  it("that is cut, or is something else, is refused with its name", async () => {
    const cut = join(directory, "cut.tar.gz");
    await writeBackup(cut, example);
    truncateSync(cut, readFileSync(cut).length - 200);
    await assert.rejects(readBackup(cut), /cut\.tar\.gz: not a backup of states/);
    const other = join(directory, "other.tar.gz");
    writeFileSync(other, "hello");
    await assert.rejects(readBackup(other), /not a backup of states/);
  });

  it("is older than a state that was written later, and not older than the same or none", () => {
    const present = new Map([
      ["lab-dc1", exampleState("2026-11-21T10:00:00.5Z")],
      ["lab-trust", exampleState("2026-11-20T10:00:00Z")],
    ]);
    assert.deepEqual(newerThanBackup(example.states, present), ["lab-dc1"]);
    assert.deepEqual(newerThanBackup(example.states, new Map()), []);
    assert.equal(writtenAt(exampleState("0001-01-01T00:00:00Z")), "");
  });
});
