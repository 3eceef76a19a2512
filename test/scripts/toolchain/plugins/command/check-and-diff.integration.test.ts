import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { isSecret, plain, secret, unknown, type Values } from "../../../../../scripts/toolchain/plugins/provider/values.ts";
import { type PluginProcess, startPlugin } from "../../../../support/plugin-process.ts";

const main = join(import.meta.dirname, "../../../../../scripts/toolchain/plugins/command/main.ts");
const remote = "command:remote:Command";
const local = "command:local:Command";
let plugin: PluginProcess;

before(async () => {
  plugin = await startPlugin(main);
});
after(() => plugin?.stop());

test("it answers with the version of the npm package, and accepts secrets and previews", async () => {
  const pinned = JSON.parse(readFileSync(join(import.meta.dirname, "../../../../../package.json"), "utf8")).dependencies[
    "@pulumi/command"
  ];
  assert.equal(await plugin.version(), pinned);
  assert.deepEqual(await plugin.configure(), { secrets: true, preview: true });
});

test("the connection is secret as a whole and in its parts, whatever the program says; defaults are filled in", async () => {
  const { inputs, failures } = await plugin.check(remote, {
    connection: { host: "h", privateKey: "k", password: "p", proxy: { host: "b", privateKeyPassword: "x" } },
    create: "true",
  });
  assert.deepEqual(failures, []);
  assert.ok(isSecret(inputs["connection"]));
  assert.deepEqual(plain(inputs), {
    connection: {
      host: "h",
      privateKey: "k",
      password: "p",
      port: 22,
      user: "root",
      dialErrorLimit: 10,
      perDialTimeout: 15,
      proxy: { host: "b", privateKeyPassword: "x", port: 22, user: "root", dialErrorLimit: 10, perDialTimeout: 15 },
    },
    create: "true",
    addPreviousOutputInEnv: true,
  });
  const connection = inputs["connection"]?.["value" as never] as unknown as Values;
  assert.ok(isSecret(connection["privateKey"]) && isSecret(connection["password"]));
});

test("an unknown property is refused with the nearest and all allowed ones, and no value is shown", async () => {
  const { failures, inputs } = await plugin.check(remote, {
    connection: secret({ host: "h", privatekey: "SECRET-KEY" }),
    crate: "SECRET",
  });
  assert.deepEqual(failures.map(({ property }) => property).sort(), ["connection.privatekey", "crate"]);
  const text = JSON.stringify(failures);
  assert.match(
    text,
    /Did you mean create\? Allowed: addPreviousOutputInEnv, connection, create, delete, environment, logging, stdin, triggers, update/,
  );
  assert.match(text, /Did you mean privateKey\?/);
  assert.ok(!text.includes("SECRET"));
  assert.ok(isSecret(inputs["connection"]));
});

test("wrong types, missing properties and values outside an enumeration are all reported together", async () => {
  const { failures } = await plugin.check(remote, {
    connection: { port: "22" },
    environment: { A: 1 },
    logging: "all",
    triggers: "x",
  });
  assert.deepEqual(Object.fromEntries(failures.map(({ property, reason }) => [property, reason])), {
    "connection.port": "it must be a number, and is a text",
    "connection.host": "it is required and missing: give it a value",
    environment: "it must be an object whose values are texts, and is an object",
    logging: "it must be one of stdout, stderr, stdoutAndStderr, none",
    triggers: "it must be a list, and is a text",
  });
});

test("unknown values pass the check as unknown", async () => {
  const { inputs, failures } = await plugin.check(remote, {
    connection: unknown,
    create: unknown,
    environment: { A: unknown },
    triggers: [unknown],
  });
  assert.deepEqual(failures, []);
  assert.deepEqual(inputs["connection"], secret(unknown));
  assert.equal(inputs["create"], unknown);
});

test("what the plugin does not cover is refused by name", async () => {
  await assert.rejects(
    plugin.check("command:remote:CopyFile", {}),
    /CopyFile: the portable plugin for command has no such resource; it has command:local:Command/,
  );
  assert.equal((await plugin.checkConfig({ version: "1.2.1" })).failures.length, 0);
  assert.match((await plugin.checkConfig({ host: "x" })).failures[0]?.reason ?? "", /there is no such property/);
});

const state: Values = {
  create: "a",
  triggers: ["x", 1],
  environment: { A: "1" },
  addPreviousOutputInEnv: true,
  stdout: "out",
  stderr: "",
};
const inputsOf = ({ stdout: _out, stderr: _err, ...inputs }: Values): Values => inputs;
const [updated, updatedReplace, added, deleted, addedReplace] = [4, 5, 0, 2, 1];
const table: [what: string, news: Values, replaces: string[], detailed: Record<string, number>][] = [
  ["nothing", {}, [], {}],
  ["create", { create: "b" }, [], { create: updated }],
  ["update added", { update: "b" }, [], { update: added }],
  ["delete added", { delete: "b" }, [], { delete: added }],
  ["environment", { environment: { A: "2", "B-C": "3" } }, [], { "environment.A": updated, 'environment["B-C"]': added }],
  ["environment removed", { environment: null }, [], { environment: deleted }],
  ["stdin", { stdin: secret("x") }, [], { stdin: added }],
  ["logging", { logging: "none" }, [], { logging: added }],
  ["create turned secret", { create: secret("a") }, [], { create: updated }],
  ["create unknown", { create: unknown }, [], { create: updated }],
  ["a trigger", { triggers: ["x", 2] }, ["triggers"], { "triggers[1]": updatedReplace }],
  ["a trigger added", { triggers: ["x", 1, "y"] }, ["triggers"], { "triggers[2]": addedReplace }],
  ["a trigger unknown", { triggers: ["x", unknown] }, ["triggers"], { "triggers[1]": updatedReplace }],
];
for (const [what, change, replaces, detailed] of table) {
  test(`a change of ${what} ${replaces.length > 0 ? "replaces" : Object.keys(detailed).length > 0 ? "updates" : "does nothing"}`, async () => {
    const news = Object.fromEntries(Object.entries({ ...inputsOf(state), ...change }).filter(([, value]) => value !== null));
    assert.deepEqual(await plugin.diff(local, state, news), { changes: Object.keys(detailed).length > 0, replaces, detailed });
  });
}

test("a connection's change updates, and marks inside a secret make no difference", async () => {
  const olds = { connection: secret({ host: "h", privateKey: secret("k") }), create: "a", stdout: "" };
  assert.equal(
    (await plugin.diff(remote, olds, { connection: secret({ host: "h", privateKey: "k" }), create: "a" })).changes,
    false,
  );
  const answer = await plugin.diff(remote, olds, { connection: secret({ host: "i", privateKey: "k" }), create: "a" });
  assert.deepEqual(answer, { changes: true, replaces: [], detailed: { "connection.host": updated } });
});

test("a refresh returns what the state holds", async () => {
  const answer = await plugin.read(local, "id1", state, inputsOf(state));
  assert.deepEqual(answer, { id: "id1", properties: state, inputs: inputsOf(state) });
});
