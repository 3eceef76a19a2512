import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type TrialProject, trialProject } from "../../../scripts/bench/trial-project.ts";
import { checkout } from "../../../scripts/console/directories.ts";
import { ensureEngine } from "../../../scripts/toolchain/engine.ts";

// Three members whose configuration is a file each; a member that takes a bad configuration reports itself ill, as a service would.
let directory: string;
let trial: TrialProject;

const program = `
import { existsSync } from "node:fs";
import { readFileSync } from "node:fs";
import * as command from "@pulumi/command";
import { inTurn } from ${JSON.stringify(join(checkout, "components/host/rolling.ts"))};
const at = process.env["MEMBERS"];
const version = readFileSync(at + "/version", "utf8");
const members = ["db1", "db2", "db3"];
inTurn(
  members,
  (member, dependsOn) => new command.local.Command(member, { create: 'echo "$VERSION" > "$AT/$MEMBER"; [ "$VERSION" != bad ] || touch "$AT/$MEMBER.ill"',
    environment: { AT: at, MEMBER: member, VERSION: version } }, { dependsOn }),
  async (exceptSelf) => {
    const ill = members.filter((peer) => peer !== exceptSelf && existsSync(at + "/" + peer + ".ill"));
    if (ill.length > 0) throw new Error(exceptSelf + " was not touched: " + ill.join(", ") + " is ill");
  },
);
`;

const declare = (version: string): void => writeFileSync(join(directory, "version"), version);
const running = (): string[] => ["db1", "db2", "db3"].map((member) => readFileSync(join(directory, member), "utf8").trim());
const up = (): Promise<string> => trial.pulumi("up", "--yes", "--skip-preview");

before(async () => {
  directory = mkdtempSync(join(tmpdir(), "tandem-rolling-"));
  process.env["MEMBERS"] = directory;
  const engine = await ensureEngine({ needs: ["command"] }, () => {});
  const { signal } = new AbortController();
  trial = await trialProject(join(directory, "project"), { engine, signal }, { program, typescript: "stripped" });
});
after(() => {
  rmSync(directory, { recursive: true, force: true });
  delete process.env["MEMBERS"];
});

test("members come up, and change, when all are healthy", async () => {
  declare("one");
  await up();
  declare("two");
  await up();
  assert.deepEqual(running(), ["two", "two", "two"]);
});

test("a change that makes the first member ill does not reach the second", async () => {
  declare("bad");
  await assert.rejects(up(), /db2 was not touched: db1 is ill/);
  assert.deepEqual(running(), ["bad", "two", "two"]);
});

test("the gate refuses again in the next up, which has nothing left to do on the first member", async () => {
  await assert.rejects(up(), /db2 was not touched: db1 is ill/);
  assert.deepEqual(running(), ["bad", "two", "two"]);
});

test("a preview asks nobody and still shows what is left", async () => {
  const preview = await trial.pulumi("preview");
  assert.match(preview, /2 to update/);
});

test("the ill member can be repaired, and then the others follow", async () => {
  declare("three");
  rmSync(join(directory, "db1.ill"));
  await up();
  assert.deepEqual(running(), ["three", "three", "three"]);
  assert.equal(existsSync(join(directory, "db2.ill")), false);
});
