import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { existingCli, existingFingerprint, existingPlugin } from "../../../scripts/toolchain/existing.ts";
import { cliVersion, plugins } from "../../../scripts/toolchain/versions.ts";

let root: string;
let ours: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "tandem-existing-"));
  ours = join(root, "cache");
  mkdirSync(ours);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function cli(directory: string, version: string, languageHost = true): string {
  mkdirSync(join(root, directory), { recursive: true });
  writeFileSync(join(root, directory, "pulumi"), `#!/bin/sh\necho v${version}\n`, { mode: 0o755 });
  if (languageHost) writeFileSync(join(root, directory, "pulumi-language-nodejs"), "#!/bin/sh\n", { mode: 0o755 });
  return join(root, directory);
}

const env = (...path: string[]) => ({ PATH: path.join(":"), HOME: join(root, "home") });

test("a CLI of the pinned version on PATH is used", async () => {
  const right = cli("right", cliVersion);
  assert.equal((await existingCli(env(cli("wrong", "3.100.0"), right), ours))?.directory, right);
});

test("a CLI of another version, or without its language host, is passed over", async () => {
  assert.equal(await existingCli(env(cli("wrong", "3.100.0"), cli("bare", cliVersion, false)), ours), undefined);
});

test("a CLI in the user's PULUMI_HOME is used", async () => {
  const bin = cli("home/.pulumi/bin", cliVersion);
  assert.equal((await existingCli(env(), ours))?.directory, bin);
});

test("what the tool chain made itself is not something that was there before", async () => {
  const made = cli("cache/engine/x/bin", cliVersion);
  assert.equal(await existingCli(env(made), ours), undefined);
  mkdirSync(join(root, "linked"));
  symlinkSync(join(made, "pulumi"), join(root, "linked", "pulumi"));
  assert.equal(await existingCli(env(join(root, "linked")), ours), undefined);
});

test("a plugin in the user's PULUMI_HOME is used once it is whole", () => {
  const directory = join(root, "home", ".pulumi", "plugins", `resource-docker-v${plugins.docker}`);
  mkdirSync(directory, { recursive: true });
  assert.equal(existingPlugin("docker", env(), ours), undefined);
  writeFileSync(join(directory, "pulumi-resource-docker"), "");
  assert.equal(existingPlugin("docker", env(), ours), directory);
  writeFileSync(`${directory}.partial`, "");
  assert.equal(existingPlugin("docker", env(), ours), undefined);
});

test("a CLI or a plugin that appears or changes is noticed", () => {
  const before = existingFingerprint(env(join(root, "later")), ours).join();
  cli("later", cliVersion);
  const after = existingFingerprint(env(join(root, "later")), ours).join();
  writeFileSync(join(root, "later", "pulumi"), "longer than it was before by far");
  assert.equal(new Set([before, after, existingFingerprint(env(join(root, "later")), ours).join()]).size, 3);
});
