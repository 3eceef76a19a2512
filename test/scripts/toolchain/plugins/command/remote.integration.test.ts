import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fingerprint, parsePinnedKey } from "../../../../../scripts/toolchain/plugins/command/host-key.ts";
import {
  isSecret,
  isUnknown,
  plain,
  secret,
  unknown,
  type Values,
} from "../../../../../scripts/toolchain/plugins/provider/values.ts";
import { type PluginProcess, startPlugin } from "../../../../support/plugin-process.ts";
import { type Sshd, startSshd } from "../../../../support/sshd.ts";
import { until } from "../../../../support/until.ts";

const main = join(import.meta.dirname, "../../../../../scripts/toolchain/plugins/command/main.ts");
const type = "command:remote:Command";
let sshd: Sshd;
let plugin: PluginProcess;

before(async () => {
  sshd = await startSshd({ acceptEnv: ["TANDEM_*", "PULUMI_COMMAND_STDOUT"], hostKeyTypes: ["ed25519", "rsa"] });
  plugin = await startPlugin(main, { SSH_AUTH_SOCK: "" });
  await plugin.configure();
});
after(async () => {
  await plugin?.stop();
  await sshd?.stop();
});

function connection(overrides: Values = {}): Values {
  const { host, port, user, privateKey, hostKey } = sshd;
  return secret({ host, port, user, privateKey, hostKey, dialErrorLimit: 0, perDialTimeout: 5, ...overrides });
}

async function inputs(properties: Values): Promise<Values> {
  const { inputs, failures } = await plugin.check(type, { connection: connection(), ...properties });
  assert.deepEqual(failures, []);
  return inputs;
}

async function run(properties: Values): Promise<Values> {
  return (await plugin.create(type, await inputs(properties))).properties;
}

async function failure(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => assert.fail("it should have failed"),
    (error: Error) => error.message,
  );
}

test("a command's output becomes properties, without its last newline; the id begins with the resource's name", async () => {
  const { id, properties } = await plugin.create(type, await inputs({ create: "echo one; echo two; echo err >&2" }));
  assert.match(id, /^subject[0-9a-f]{8}$/);
  assert.equal(properties["stdout"], "one\ntwo");
  assert.equal(properties["stderr"], "err");
  assert.ok(isSecret(properties["connection"]));
});

test("a host with another key than the pinned one is refused at once, and the message names host and both fingerprints", async () => {
  const other = readFileSync(join(sshd.directory, "stranger.pub"), "utf8");
  const before = plugin.logs.length;
  const message = await failure(
    run({ create: `touch ${sshd.directory}/mismatch`, connection: connection({ hostKey: other, dialErrorLimit: 10 }) }),
  );
  assert.deepEqual(
    plugin.logs.slice(before).filter(({ message }) => message.startsWith("Dial ")),
    [],
    "it was tried again",
  );
  assert.match(message, new RegExp(`127\\.0\\.0\\.1:${sshd.port}`));
  assert.ok(message.includes(`expected: ssh-ed25519 ${fingerprint(parsePinnedKey(other, "").blob)}`), message);
  assert.ok(message.includes(`found:    ssh-ed25519 ${fingerprint(parsePinnedKey(sshd.hostKey, "").blob)}`), message);
  assert.ok(!existsSync(join(sshd.directory, "mismatch")));
});

test("a host with several keys presents the pinned type, whichever it is", async () => {
  const rsa = readFileSync(join(sshd.directory, "host_rsa.pub"), "utf8");
  assert.equal((await run({ create: "echo yes", connection: connection({ hostKey: rsa }) }))["stdout"], "yes");
});

test("a pinned type that the host does not have is a mismatch too", async () => {
  const ecdsa =
    "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBEmKSENjQEezOmxkZMy7opKgwFB9nkt5YRrYMjNuG5N87uRgg6CLrbo5wAdT/y6v0mKV0U2w0WZ2YB/++Tpockg=";
  const message = await failure(run({ create: "true", connection: connection({ hostKey: ecdsa, dialErrorLimit: 10 }) }));
  assert.match(message, /found: +no key of type ecdsa-sha2-nistp256/);
});

test("a key that the host does not know is a clear refusal that names user, host and the offered key, and leaks none", async () => {
  const message = await failure(run({ create: "true", connection: connection({ privateKey: sshd.strangersKey }) }));
  const offered = parsePinnedKey(readFileSync(join(sshd.directory, "stranger.pub"), "utf8"), "").blob;
  assert.match(message, new RegExp(`127\\.0\\.0\\.1:${sshd.port} refuses user ${sshd.user}`));
  assert.ok(message.includes(fingerprint(offered)), message);
  for (const line of sshd.strangersKey.split("\n").filter((each) => each.length > 40)) assert.ok(!message.includes(line));
});

test("a private key that can't be read fails before any connection, without showing it", async () => {
  const message = await failure(run({ create: "true", connection: connection({ privateKey: "hunter2-is-no-key" }) }));
  assert.match(message, /connection\.privateKey: it can't be read as a private key/);
  assert.ok(!message.includes("hunter2"));
});

test("a host that does not answer is tried again as often as dialErrorLimit says", async () => {
  const message = await failure(run({ create: "true", connection: connection({ port: 1, dialErrorLimit: 2 }) }));
  assert.match(message, /no connection to 127\.0\.0\.1:1: .*ECONNREFUSED.* \(attempt 3 of 3/);
  assert.deepEqual(
    plugin.logs.filter(({ message }) => /^Dial \d/.test(message)).map(({ message }) => message),
    ["Dial 1/2 failed: retrying", "Dial 2/2 failed: retrying"],
  );
});

test("a connection that drops while the command runs is an error that says the command may have run in part", async () => {
  const pidFile = join(sshd.directory, "dropped.pid");
  const running = failure(run({ create: `echo $$ > ${pidFile}; exec sleep 300` }));
  await until("the command runs", () => existsSync(pidFile) && readFileSync(pidFile, "utf8").endsWith("\n"));
  sshd.dropSessions();
  try {
    assert.match(await running, /the connection to 127\.0\.0\.1:\d+ was lost while the command ran: it may have run in part/);
  } finally {
    process.kill(Number(readFileSync(pidFile, "utf8")));
  }
});

test("megabytes of output arrive whole, and are logged in few messages", async () => {
  const before = plugin.logs.length;
  const properties = await run({ create: "seq 1 1000000" });
  const expected = Array.from({ length: 1_000_000 }, (_, index) => index + 1).join("\n");
  assert.ok(properties["stdout"] === expected);
  const logged = plugin.logs
    .slice(before)
    .map(({ message }) => message)
    .join("\n");
  assert.ok(logged.replaceAll("\n", "").length === expected.replaceAll("\n", "").length);
  assert.ok(plugin.logs.length - before < 1000, `${plugin.logs.length - before} messages`);
});

test("binary output does not break anything: what is not UTF-8 becomes U+FFFD, NUL stays", async () => {
  const properties = await run({ create: "printf 'a\\000b\\377\\376c'; head -c 200000 /dev/urandom >&2" });
  assert.equal(properties["stdout"], "a\0b\uFFFD\uFFFDc");
  assert.ok(String(properties["stderr"]).length > 50_000);
});

test("text in UTF-8 is whole even where it crosses a packet's border", async () => {
  assert.equal((await run({ create: "for i in $(seq 1 40000); do printf 'äöü€'; done" }))["stdout"], "äöü€".repeat(40_000));
});

test("stdin reaches the command, megabytes and secrets too; without it the command reads an end", async () => {
  const text = randomBytes(1_500_000).toString("hex");
  assert.equal((await run({ create: "wc -c", stdin: secret(text), logging: "none" }))["stdout"], "3000000");
  assert.equal((await run({ create: "cat; echo end" }))["stdout"], "end");
  assert.equal((await run({ create: "true", stdin: text }))["stdout"], "");
});

test("environment variables that the server accepts are set; one that it refuses keeps the command from running", async () => {
  const set = await run({ create: "echo $TANDEM_A-$TANDEM_B", environment: { TANDEM_A: "one two", TANDEM_B: "ü'\"" } });
  assert.equal(set["stdout"], "one two-ü'\"");
  const marker = join(sshd.directory, "refused");
  const message = await failure(run({ create: `touch ${marker}`, environment: { TANDEM_A: "x", OTHER: "y" } }));
  assert.match(message, /environment: OTHER could not be set, so the command was not run.*AcceptEnv/);
  assert.ok(!existsSync(marker));
});

test("a command that fails shows its status, text and output, and no secret", async () => {
  const message = await failure(
    run({ create: secret("echo my token is s3cr3t-token; exit 7"), stdin: secret("s3cr3t-token"), connection: connection() }),
  );
  assert.match(message, /^Process exited with status 7: running "\[secret\]":\nmy token is \[secret\]$/);
  assert.match(await failure(run({ create: "kill -9 $$" })), /Process ended by signal KILL/);
});

test("logging none hides output from the log and from the error, and keeps it as a property", async () => {
  const before = plugin.logs.length;
  assert.equal((await run({ create: "echo quiet", logging: "none" }))["stdout"], "quiet");
  const message = await failure(run({ create: "echo quiet; echo silent >&2; exit 1", logging: "none" }));
  assert.deepEqual(message.split("\n").slice(1), [
    "(stdout is not shown: logging is none)",
    "(stderr is not shown: logging is none)",
  ]);
  const onlyErrors = await run({ create: "echo quiet; echo loud >&2", logging: "stderr" });
  assert.equal(onlyErrors["stdout"], "quiet");
  assert.deepEqual(
    plugin.logs.slice(before).map(({ message, ephemeral }) => [message, ephemeral]),
    [["loud", true]],
  );
});

test("an update runs update, else create again, with the previous output in the environment, and a failed one throws", async () => {
  const first = await inputs({ create: "echo first" });
  const { properties } = await plugin.create(type, first);
  const second = await inputs({ create: "echo first", update: "echo was $PULUMI_COMMAND_STDOUT" });
  assert.equal((await plugin.update(type, properties, second))["stdout"], "was first");
  const third = await inputs({ create: "echo third $PULUMI_COMMAND_STDOUT", addPreviousOutputInEnv: false });
  assert.equal((await plugin.update(type, properties, third))["stdout"], "third");
  assert.match(await failure(plugin.update(type, properties, await inputs({ create: "exit 3" }))), /status 3/);
});

test("a previous output that the server refuses as a variable is a warning, not a failure", async () => {
  const given = await inputs({ create: "echo x >&2" });
  const { properties } = await plugin.create(type, given);
  const before = plugin.logs.length;
  assert.equal((await plugin.update(type, properties, await inputs({ create: "echo done" })))["stdout"], "done");
  const warnings = plugin.logs.slice(before).filter(({ severity }) => severity === 2);
  assert.equal(warnings.length, 1);
  assert.match(warnings[0]?.message ?? "", /^PULUMI_COMMAND_STDERR could not be set/);
});

test("a delete runs delete with the previous output, and nothing where there is none", async () => {
  const marker = join(sshd.directory, "deleted");
  const { properties } = await plugin.create(
    type,
    await inputs({ create: "echo out", delete: `echo "$PULUMI_COMMAND_STDOUT" > ${marker}` }),
  );
  await plugin.delete(type, properties);
  assert.equal(readFileSync(marker, "utf8"), "out\n");
  await plugin.delete(type, (await plugin.create(type, await inputs({ create: "true" }))).properties);
});

test("a preview runs nothing, and what a command will write is unknown", async () => {
  const marker = join(sshd.directory, "previewed");
  const given = await inputs({ create: `touch ${marker}`, environment: { A: unknown } });
  const { properties } = await plugin.create(type, given, { preview: true });
  assert.ok(isUnknown(properties["stdout"]) && isUnknown(properties["stderr"]));
  assert.deepEqual(properties["environment"], { A: unknown });
  assert.ok(isUnknown((await plugin.update(type, { ...given, stdout: "old" }, given, { preview: true }))["stdout"]));
  assert.ok(!existsSync(marker));
});

test("cancelling stops the command on the host, and what it started", async () => {
  const own = await startPlugin(main, { SSH_AUTH_SOCK: "" });
  try {
    const pidFile = join(sshd.directory, "cancelled.pid");
    const running = failure(own.create(type, await inputs({ create: `sleep 300 & echo $! > ${pidFile}; wait` })));
    await until("the command runs", () => existsSync(pidFile) && readFileSync(pidFile, "utf8").endsWith("\n"));
    await own.cancel();
    assert.match(await running, /stopped: the run was cancelled/);
    const pid = Number(readFileSync(pidFile, "utf8"));
    await until(
      "its child is gone",
      () => !existsSync(`/proc/${pid}`) || /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8")),
    );
  } finally {
    await own.stop();
  }
});

test("a command that goes on after its time limit is stopped", async () => {
  const given = await inputs({ create: "sleep 300" });
  assert.match(
    await failure(plugin.create(type, given, { timeoutSeconds: 1 })),
    /stopped: it took longer than its time limit of 1 s/,
  );
});

test("a host behind a proxy is reached through it, each with its own pinned key", async () => {
  const proxy = plain(connection()) as Values;
  assert.equal((await run({ create: "echo through", connection: connection({ proxy }) }))["stdout"], "through");
  const wrong = { ...proxy, hostKey: readFileSync(join(sshd.directory, "stranger.pub"), "utf8") };
  assert.match(await failure(run({ create: "true", connection: connection({ proxy: wrong }) })), /connection\.proxy\.hostKey/);
});

test("many commands run at once", async () => {
  const count = 12;
  const place = join(sshd.directory, "at-once");
  // Each waits for all the others to have begun, within a bound.
  const create = (index: number): string => `touch ${place}-${index}
    for turn in $(seq 200); do
      [ "$(ls ${place}-* | wc -l)" -eq ${count} ] && echo ${index} && exit 0
      sleep 0.1
    done
    exit 1`;
  const all = await Promise.all(Array.from({ length: count }, (_, index) => run({ create: create(index) })));
  assert.deepEqual(
    all.map((each) => each["stdout"]),
    Array.from({ length: count }, (_, index) => String(index)),
  );
});
