import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { isUnknown, secret, type Values } from "../../../../../scripts/toolchain/plugins/provider/values.ts";
import { type PluginProcess, startPlugin } from "../../../../support/plugin-process.ts";
import { until } from "../../../../support/until.ts";

const main = join(import.meta.dirname, "../../../../../scripts/toolchain/plugins/command/main.ts");
const type = "command:local:Command";
let plugin: PluginProcess;
let directory: string;

before(async () => {
  directory = mkdtempSync(join(tmpdir(), "tandem-local-"));
  plugin = await startPlugin(main);
  await plugin.configure();
});
after(async () => {
  await plugin?.stop();
  rmSync(directory, { recursive: true, force: true });
});

async function inputs(properties: Values): Promise<Values> {
  const { inputs, failures } = await plugin.check(type, properties);
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

function isRunning(pid: number): boolean {
  return existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
}

test("a command runs with its directory, environment and input, through the shell or the given interpreter", async () => {
  const shell = await run({ create: "pwd; echo $A; cat", dir: directory, environment: { A: "b c" }, stdin: "in" });
  assert.equal(shell["stdout"], `${directory}\nb c\nin`);
  assert.equal((await run({ create: "console.log(6*7)", interpreter: [process.execPath, "-e"] }))["stdout"], "42");
});

test("files that a command leaves come back as assets and as an archive, chosen by globs", async () => {
  mkdirSync(join(directory, "out/deep"), { recursive: true });
  for (const name of ["a.txt", "deep/b.txt", "deep/secret.txt", "c.bin"]) writeFileSync(join(directory, "out", name), name);
  const dir = join(directory, "out");
  const properties = await run({ create: "true", dir, assetPaths: ["**.txt", "!**secret*"], archivePaths: ["*.bin"] });
  const assets = properties["assets"] as Record<string, Values>;
  assert.deepEqual(Object.keys(assets).sort(), ["a.txt", "deep/b.txt"]);
  assert.equal(assets["a.txt"]?.["path"], join(dir, "a.txt"));
  assert.match(String(assets["a.txt"]?.["hash"]), /^[0-9a-f]{64}$/);
  assert.deepEqual(Object.keys((properties["archive"] as Values)["assets"] as Values), ["c.bin"]);
});

test("a failing command, a missing directory and a missing interpreter are clear errors", async () => {
  const message = await failure(run({ create: "echo out; echo err >&2; exit 4" }));
  assert.match(message, /^exit status 4: running "echo out; echo err >&2; exit 4":\n(out\nerr|err\nout)$/);
  assert.match(await failure(run({ create: "true", dir: join(directory, "missing") })), /dir: .*missing is not a directory/);
  assert.match(await failure(run({ create: "true", interpreter: ["/no/such"] })), /it could not be started: .*ENOENT/);
});

test("secrets show neither in the log nor in an error, and stay marked in the state", async () => {
  const before = plugin.logs.length;
  const message = await failure(
    run({ create: "cat; exit 1", stdin: secret("line one of it\nline two of it"), environment: { T: secret("t0p-s3cret") } }),
  );
  const shown = plugin.logs
    .slice(before)
    .map((each) => each.message)
    .join("\n");
  assert.ok(!/line one|line two/.test(message + shown), message + shown);
  assert.match(shown, /\[secret\]/);
  const properties = await run({ create: "true", stdin: secret("hidden"), environment: { T: secret("t0p-s3cret") } });
  assert.deepEqual(properties["stdin"], secret("hidden"));
  assert.deepEqual(properties["environment"], { T: secret("t0p-s3cret") });
});

test("more output than a state can hold ends the command with the reason", async () => {
  const message = await failure(run({ create: "yes", logging: "none" }));
  assert.match(message, /it wrote more than 100 MiB/);
});

test("a failure shows the end of a long output", async () => {
  const message = await failure(run({ create: "seq 1 100000; exit 1" }));
  assert.match(message, /\(earlier output left out\)/);
  assert.match(message, /100000$/);
  assert.ok(message.length < 20_000);
});

test("a previous output too long for a variable is left out with a warning", async () => {
  const { properties } = await plugin.create(type, await inputs({ create: "head -c 200000 /dev/zero | tr '\\0' x" }));
  const updated = await plugin.update(type, properties, await inputs({ create: "echo [$PULUMI_COMMAND_STDOUT]" }));
  assert.equal(updated["stdout"], "[]");
  assert.ok(plugin.logs.some(({ message, severity }) => severity === 2 && /longer than 128 KiB/.test(message)));
});

test("without a command nothing runs, and an update keeps the outputs", async () => {
  const { properties } = await plugin.create(type, await inputs({ delete: "true" }));
  assert.equal(properties["stdout"], "");
  assert.equal(
    (await plugin.update(type, { ...properties, stdout: "kept" }, await inputs({ delete: "false" })))["stdout"],
    "kept",
  );
});

test("the function run runs at once and returns its arguments and outputs", async () => {
  const answer = await plugin.invoke("command:local:run", { command: "echo $X", environment: { X: "y" } });
  assert.equal(answer["stdout"], "y");
  assert.equal(answer["command"], "echo $X");
  assert.match(
    await failure(plugin.invoke("command:local:run", { comand: "x" })),
    /comand: there is no such property. Did you mean command\?/,
  );
  assert.match(await failure(plugin.invoke("command:remote:run", {})), /has no such function; it has command:local:run/);
});

test("a preview of a new command knows neither its outputs nor the files that it leaves", async () => {
  const given = await inputs({ create: "exit 1", assetPaths: ["*"], archivePaths: ["*"] });
  const { properties } = await plugin.create(type, given, { preview: true });
  for (const name of ["stdout", "stderr", "assets", "archive"]) assert.ok(isUnknown(properties[name]), name);
});

const endings = [
  ["Cancel", (own: PluginProcess) => own.cancel()],
  ["SIGTERM", async (own: PluginProcess) => own.signal("SIGTERM")],
] as const;
for (const [name, end] of endings) {
  test(`${name} ends the running command with all that it started, also what ignores it`, async () => {
    const own = await startPlugin(main);
    try {
      const pidFile = join(directory, `${name}.pid`);
      const given = await inputs({ create: `trap '' TERM; sleep 300 & echo $! > '${pidFile}'; wait` });
      const running = failure(own.create(type, given));
      await until("the command runs", () => existsSync(pidFile) && readFileSync(pidFile, "utf8").endsWith("\n"));
      const pid = Number(readFileSync(pidFile, "utf8"));
      await end(own);
      assert.match(await running, /stopped: (the run was cancelled|the plugin received SIGTERM)/);
      await until("its child is gone", () => !isRunning(pid));
      if (name === "SIGTERM") assert.equal(await own.exited(), 0);
    } finally {
      await own.stop();
    }
  });
}

test("when the engine is killed, the plugin stops its commands and ends", async () => {
  const pidFile = join(directory, "orphan.pid");
  // A parent that starts the plugin, has it run a command, and is then killed without a word.
  const parent = join(directory, "parent.mjs");
  const support = join(import.meta.dirname, "../../../../support/plugin-process.ts");
  writeFileSync(
    parent,
    `import { startPlugin } from ${JSON.stringify(support)};
     const plugin = await startPlugin(${JSON.stringify(main)});
     console.log(plugin.pid);
     await plugin.create(${JSON.stringify(type)}, { create: ${JSON.stringify(`echo $$ > ${pidFile}; sleep 300; true`)} });`,
  );
  const { spawn } = await import("node:child_process");
  const child = spawn(process.execPath, [parent], { stdio: ["ignore", "pipe", "inherit"] });
  let printed = "";
  child.stdout.on("data", (chunk: Buffer) => {
    printed += chunk.toString();
  });
  await until("the command runs", () => existsSync(pidFile) && readFileSync(pidFile, "utf8").endsWith("\n"));
  child.kill("SIGKILL");
  await until("the plugin is gone", () => !isRunning(Number(printed)));
  assert.ok(!isRunning(Number(readFileSync(pidFile, "utf8"))));
});
