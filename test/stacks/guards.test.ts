import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { realMachineProblems } from "../../stacks/guards.ts";

const remote = "s3://platform-state";
let home: string;
let portable: string;
let official: string;

function pulumiHome(origin: string): string {
  const directory = join(home, origin);
  mkdirSync(join(directory, "plugins", "resource-command-v1.2.1"), { recursive: true });
  writeFileSync(join(directory, "plugins", "resource-command-v1.2.1", "origin.json"), JSON.stringify({ origin }));
  return directory;
}

before(() => {
  home = mkdtempSync(join(tmpdir(), "tandem-guards-"));
  portable = pulumiHome("portable");
  official = pulumiHome("official");
});
after(() => rmSync(home, { recursive: true, force: true }));

test("official plugins and a backend of the platform's own are let through", () => {
  assert.deepEqual(realMachineProblems({ PULUMI_HOME: official, PULUMI_BACKEND_URL: remote }, home), []);
});

test("a portable plugin is refused on real machines, with its name and the two ways on", () => {
  const [problem, ...rest] = realMachineProblems({ PULUMI_HOME: portable, PULUMI_BACKEND_URL: remote }, home);
  assert.deepEqual(rest, []);
  assert.match(
    problem ?? "",
    /resource-command-v1\.2\.1 \(portable\).*PULUMI_PLUGIN_DOWNLOAD_URL_OVERRIDES.*TANDEM_ALLOW=portable-plugins/,
  );
});

test("state in one person's home is refused, whether named or by default", () => {
  for (const url of ["", "file://~", `file://${home}`, `file://${home}/state`]) {
    assert.equal(realMachineProblems({ PULUMI_HOME: official, PULUMI_BACKEND_URL: url }, home).length, 1, url);
  }
  const elsewhere = {
    PULUMI_HOME: official,
    XDG_STATE_HOME: "/states/ann",
    PULUMI_BACKEND_URL: "file:///states/ann/tandem/backend",
  };
  assert.equal(realMachineProblems(elsewhere, home).length, 1);
});

test("each refusal is lifted only by its own name", () => {
  const env = { PULUMI_HOME: portable, PULUMI_BACKEND_URL: "" };
  assert.equal(realMachineProblems(env, home).length, 2);
  assert.equal(realMachineProblems({ ...env, TANDEM_ALLOW: "portable-plugins" }, home).length, 1);
  assert.equal(realMachineProblems({ ...env, TANDEM_ALLOW: "yes,true,all" }, home).length, 2);
  assert.deepEqual(realMachineProblems({ ...env, TANDEM_ALLOW: "portable-plugins, default-backend" }, home), []);
});
