import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { checkout } from "../../scripts/console/directories.ts";
import { startOf } from "../../scripts/console/run-mark.ts";
import { until } from "../support/until.ts";

// A checkout that has nothing installed, and an npm that does what a test wants.

const root = mkdtempSync(join(tmpdir(), "tandem-bootstrap-"));
after(() => rmSync(root, { recursive: true, force: true }));
mkdirSync(join(root, "scripts"));
mkdirSync(join(root, "bin"));
cpSync(join(checkout, "scripts", "bootstrap.mjs"), join(root, "scripts", "bootstrap.mjs"));
writeFileSync(join(root, "package-lock.json"), "{}");

const started = join(root, "started");

function bootstrap(npm: string) {
  writeFileSync(join(root, "bin", "npm"), `#!/bin/sh\necho $$ > ${started}\n${npm}\n`, { mode: 0o755 });
  const env = { ...process.env, TMPDIR: root, PATH: `${join(root, "bin")}:${process.env["PATH"]}` };
  const child = spawn(process.execPath, [join(root, "scripts", "bootstrap.mjs"), "scripts/none.ts"], { env });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  return { child, said: () => said, ended: once(child, "close") };
}

test("an installation ends with the run that began it, however that is killed, and the next run begins it again", async () => {
  const killed = bootstrap("exec sleep 60");
  await until("npm runs", () => existsSync(started) && readFileSync(started, "utf8").endsWith("\n"), 10_000);
  const npm = Number(readFileSync(started, "utf8"));
  killed.child.kill("SIGKILL");
  await killed.ended;
  await until("npm has ended", () => startOf(npm) === undefined, 10_000);

  const next = bootstrap("echo no registry >&2; exit 1");
  assert.deepEqual(await next.ended, [1, null]);
  assert.match(next.said(), /^packages: installing with npm ci.*\npackages: npm ci failed\nno registry\n/);
});
