import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { execaSync } from "execa";
import { checkout } from "../../../scripts/console/directories.ts";
import { backendEnv, fileBackendEnv, renderEnv } from "../../../scripts/toolchain/backend.ts";

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

test("a shell is told where the passphrase's file is, never the passphrase, and its own for another backend goes", () => {
  const env = { A: "it's", PULUMI_CONFIG_PASSPHRASE: "secret", PULUMI_CONFIG_PASSPHRASE_FILE: "/file" };
  const lines = renderEnv(env);
  assert.equal(lines, "export A='it'\\''s'\nunset PULUMI_CONFIG_PASSPHRASE\nexport PULUMI_CONFIG_PASSPHRASE_FILE='/file'\n");
});

test("a passphrase's file that ends with a line break opens the same states by either variable", () => {
  const directory = mkdtempSync(join(tmpdir(), "tandem-backend-"));
  const before = process.env["PULUMI_CONFIG_PASSPHRASE"];
  try {
    writeFileSync(join(directory, "passphrase"), "of old\n");
    process.env["PULUMI_CONFIG_PASSPHRASE"] = "of another backend";
    assert.equal(fileBackendEnv(directory)["PULUMI_CONFIG_PASSPHRASE"], "of old");
  } finally {
    if (before === undefined) delete process.env["PULUMI_CONFIG_PASSPHRASE"];
    else process.env["PULUMI_CONFIG_PASSPHRASE"] = before;
    rmSync(directory, { recursive: true });
  }
});

test("a backend that the user has set is left alone", () => {
  assert.deepEqual(backendEnv({ PULUMI_BACKEND_URL: "s3://bucket" }), {});
});

test("a stack of the lab is looked for in the lab's own state", () => {
  const root = mkdtempSync(join(tmpdir(), "tandem-backend-"));
  try {
    const module = (...path: string[]) => JSON.stringify(join(checkout, "scripts", ...path));
    const program = `import { mkdirSync, writeFileSync } from "node:fs";
      import { labDirectory } from ${module("lab", "instance.ts")};
      import { backendEnvFor } from ${module("toolchain", "backend.ts")};
      const directory = labDirectory();
      mkdirSync(directory, { recursive: true });
      writeFileSync(directory + "/lab.json", JSON.stringify({ directory }));
      for (const args of [["up", "-s", "lab-dc1"], ["up", "--stack=lab-machines"], ["up", "-s", "reference-dc1"], ["version"]])
        console.log(backendEnvFor(args).PULUMI_BACKEND_URL);`;
    const env = { XDG_STATE_HOME: root, PATH: "" };
    const shown = execaSync(process.execPath, ["--input-type=module", "-e", program], { env, extendEnv: false }).stdout.split(
      "\n",
    );
    assert.deepEqual(
      shown.map((url) => /labs/.test(url)),
      [true, true, false, false],
    );
  } finally {
    rmSync(root, { recursive: true });
  }
});
