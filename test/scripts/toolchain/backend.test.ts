import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { backendEnv, fileBackendEnv } from "../../../scripts/toolchain/backend.ts";

test("the passphrase of a file backend is made once and read by its owner only", () => {
  const directory = mkdtempSync(join(tmpdir(), "tandem-backend-"));
  try {
    const first = fileBackendEnv(directory);
    const file = first["PULUMI_CONFIG_PASSPHRASE_FILE"] ?? "";
    const passphrase = readFileSync(file, "utf8");
    assert.equal(statSync(file).mode & 0o077, 0);
    assert.equal(statSync(join(directory, "state")).mode & 0o077, 0);
    assert.ok(passphrase.length >= 32);
    assert.deepEqual(fileBackendEnv(directory), first);
    assert.equal(readFileSync(file, "utf8"), passphrase);
    assert.equal(first["PULUMI_BACKEND_URL"], `file://${directory}/state`);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test("a backend that the user has set is left alone", () => {
  assert.deepEqual(backendEnv({ PULUMI_BACKEND_URL: "s3://bucket" }), {});
});
