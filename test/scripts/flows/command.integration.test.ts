import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";

const command = join(import.meta.dirname, "../../../scripts/flows/index.ts");

function run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [command, ...args], { maxBuffer: 2 ** 24 }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
  });
}

test("why answers yes with code 0 and no with code 1, each with its reason", async () => {
  const yes = await run("why", "dc1-internet-wk1", "dc1-policy-wk1", "8443");
  assert.deepEqual([yes.code, yes.stderr], [0, ""]);
  assert.match(yes.stdout, /^yes: .*\nthrough the gateways of dc1-internet, then of dc1-policy\npermitted by portal-quotes /);
  const no = await run("why", "dc1-internet-wk1", "dc1-policy-wk1", "22");
  assert.deepEqual([no.code, no.stderr], [1, ""]);
  assert.match(no.stdout, /^no: .*\nstopped by the gateways of dc1-internet: /);
});

test("an end, a site and a zone that are not there are refused with what is allowed", async () => {
  const end = await run("why", "dc1-internet-wk9", "bank", "443");
  assert.equal(end.code, 1);
  assert.match(end.stderr, /dc1-internet-wk9: nothing on plane business of reference; allowed: a host as in /);
  assert.match((await run("matrix", "--site", "dc3")).stderr, /dc3: no site of reference; allowed: dc1, dc2/);
  assert.match(
    (await run("export", "--format", "nftables", "--of", "dc1-poolicy")).stderr,
    /allowed: dc1-platform, dc1-internet, /,
  );
  assert.match((await run("export", "--format", "nftables")).stderr, /--of : missing/);
});

test("a sheet of one zone has the rows that pass its gateways, and no others", async () => {
  const linesOf = (text: string): string[] => text.trim().split("\r\n").slice(1);
  const all = linesOf((await run("export", "--format", "csv")).stdout);
  const { code, stdout } = await run("export", "--format", "csv", "--of", "dc1-policy");
  assert.equal(code, 0);
  const passing = all.filter((line) => / dc1-policy[ ,]|,dc1-policy[ ,]/.test(line));
  assert.ok(passing.some((line) => line.includes(",dc1-internet dc1-policy,")));
  assert.ok(passing.length < all.length);
  assert.deepEqual(linesOf(stdout), passing);
});

test("matrix shows the exceptions that lead between zones, and what should be looked at", async () => {
  const { code, stdout } = await run("matrix", "--plane", "business");
  assert.equal(code, 0);
  assert.match(stdout, /ways from zone to zone, each by an exception:\n(.*\n)*? {2}internet to policy by portal-quotes\n/);
  assert.match(stdout, /to be looked at:\n {2}office-files: permitted already by volumes\n/);
});
