import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { secret, type Value, type Values } from "../../../../../scripts/toolchain/plugins/provider/values.ts";
import { type PluginProcess, startPlugin } from "../../../../support/plugin-process.ts";
import { type Sshd, startSshd } from "../../../../support/sshd.ts";

const main = join(import.meta.dirname, "../../../../../scripts/toolchain/plugins/command/main.ts");
const type = "command:remote:CopyToRemote";
const signature = "4dabf18193072939515e22adb298388d";
const asset = (content: Values): Values => ({ [signature]: "c44067f5952c0a294b673a41bacd8c17", hash: "h", ...content });
const archive = (content: Values): Values => ({ [signature]: "0def7320c3a5731c473e5ecbe6d01bc7", hash: "h", ...content });
let sshd: Sshd;
let plugin: PluginProcess;
let directory: string;

before(async () => {
  directory = mkdtempSync(join(tmpdir(), "tandem-copy-"));
  sshd = await startSshd();
  plugin = await startPlugin(main, { SSH_AUTH_SOCK: "" });
  await plugin.configure();
  mkdirSync(join(directory, "source/deep"), { recursive: true });
  writeFileSync(join(directory, "source/one.bin"), randomBytes(3_000_000));
  writeFileSync(join(directory, "source/deep/two.txt"), "two");
  writeFileSync(join(directory, "source/deep/empty"), "");
});
after(async () => {
  await plugin?.stop();
  await sshd?.stop();
  rmSync(directory, { recursive: true, force: true });
});

async function copy(source: Value, remotePath: string): Promise<void> {
  const { host, port, user, privateKey, hostKey } = sshd;
  const connection = { host, port, user, privateKey, hostKey, dialErrorLimit: 0 };
  const { inputs, failures } = await plugin.check(type, { connection, source, remotePath });
  assert.deepEqual(failures, []);
  const { id, properties } = await plugin.create(type, inputs);
  assert.match(id, /^[0-9a-f]{8}$/);
  assert.deepEqual(properties, inputs);
}

test("a file arrives byte by byte, its missing parent directories are made, an existing file is overwritten", async () => {
  const to = join(directory, "new/er/one.bin");
  await copy(asset({ path: join(directory, "source/one.bin") }), to);
  assert.ok(readFileSync(to).equals(readFileSync(join(directory, "source/one.bin"))));
  await copy(asset({ path: join(directory, "source/deep/two.txt") }), to);
  assert.equal(readFileSync(to, "utf8"), "two");
});

test("a file whose target is a directory goes into it", async () => {
  mkdirSync(join(directory, "into"));
  await copy(asset({ path: join(directory, "source/deep/two.txt") }), join(directory, "into"));
  assert.equal(readFileSync(join(directory, "into/two.txt"), "utf8"), "two");
});

test("a text becomes a file, a secret one too; it needs a file's path", async () => {
  await copy(secret(asset({ text: "töxt\n" })), join(directory, "text"));
  assert.equal(readFileSync(join(directory, "text"), "utf8"), "töxt\n");
  await assert.rejects(copy(asset({ text: "x" }), directory), /is a directory; a text needs the path of a file/);
});

test("a directory goes below its target; with a slash at its end, its contents do", async () => {
  await copy(archive({ path: join(directory, "source") }), join(directory, "tree"));
  assert.deepEqual(readdirSync(join(directory, "tree/source"), { recursive: true }).sort(), [
    "deep",
    "deep/empty",
    "deep/two.txt",
    "one.bin",
  ]);
  await copy(archive({ path: `${join(directory, "source")}/` }), join(directory, "contents"));
  assert.deepEqual(readdirSync(join(directory, "contents")).sort(), ["deep", "one.bin"]);
  await assert.rejects(
    copy(archive({ path: join(directory, "source") }), join(directory, "text")),
    /exists and is not a directory/,
  );
});

test("a path that can't be written and a source that is not there are clear errors", async () => {
  await assert.rejects(
    copy(asset({ path: join(directory, "source/deep/two.txt") }), "/proc/nothing/here"),
    /can't make directory 127\.0\.0\.1:\d+:\/proc\/nothing/,
  );
  await assert.rejects(copy(asset({ path: join(directory, "missing") }), join(directory, "x")), /ENOENT.*missing/);
});

test("a source from elsewhere is refused before anything is done, and a preview copies nothing", async () => {
  const { host, hostKey } = sshd;
  const checked = await plugin.check(type, {
    connection: { host, hostKey },
    source: asset({ uri: "http://example.com/x" }),
    remotePath: "/x",
  });
  assert.deepEqual(checked.failures, [{ property: "source", reason: "it must be a FileAsset, a StringAsset or a FileArchive" }]);
  const inputs = { connection: { host: "nowhere.invalid" }, source: asset({ text: "x" }), remotePath: "/x" };
  assert.deepEqual((await plugin.create(type, inputs, { preview: true })).properties, inputs);
  assert.deepEqual(await plugin.update(type, inputs, inputs, { preview: true }), inputs);
  await plugin.delete(type, inputs);
});

test("an update copies again, also when only the host changed", async () => {
  const { host, port, user, privateKey, hostKey } = sshd;
  const connection = { host, port, user, privateKey, hostKey, dialErrorLimit: 0, perDialTimeout: 5 };
  const to = join(directory, "updated");
  const news = { connection, source: asset({ text: "again" }), remotePath: to };
  await plugin.update(type, { ...news, connection: { ...connection, host: "localhost" } }, news);
  assert.equal(readFileSync(to, "utf8"), "again");
});
