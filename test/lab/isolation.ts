import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { attacker, changes } from "./attacker.ts";
import { lab, npm, said } from "./session.ts";

test("real packets pass and die as the table says, whoever sends them and however; the proof leaves nothing", async () => {
  const outcome = await npm("lab", ["isolation"]);
  assert.equal(outcome.code, 0, said(outcome));
  assert.match(outcome.stdout, /^seed \d+$/m);
  assert.match(outcome.stdout, /0 leaks, 0 missing, 0 untried/);
  assert.doesNotMatch(outcome.stdout, /not tried/);
  assert.equal(await changes(attacker), "");
  const directory = join(lab.directory, "isolation");
  const [file = ""] = readdirSync(directory);
  assert.match(readFileSync(join(directory, file), "utf8"), /^# Isolation of the zones\n[\s\S]*## Findings\n\nNone\.\n/);
});
