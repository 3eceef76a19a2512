import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type TrialProject, trialProject } from "../../../scripts/bench/trial-project.ts";
import { checkout } from "../../../scripts/console/directories.ts";
import { ensureEngine } from "../../../scripts/toolchain/engine.ts";

// Two hosts of files: each holds the VIP or not, serves or not, and notes when it is touched.
let directory: string;
let trial: TrialProject;

const program = `
import { existsSync, readFileSync } from "node:fs";
import * as command from "@pulumi/command";
import { holderLast, serving } from ${JSON.stringify(join(checkout, "components/host/turns.ts"))};
const at = process.env["HOSTS"];
const said = (name) => (existsSync(at + "/" + name) ? readFileSync(at + "/" + name, "utf8") : "");
const version = said("version");
const hosts = ["lb1", "lb2"].map((name) => ({
  place: { name },
  containerName: (service) => name + "-" + service,
  ask: async (script) => script.startsWith("ip") ? (said("holder") === name ? "2: eth2 inet 10.0.0.7/32 scope global" : "") : said(name + ".missing"),
}));
const pair = { hosts, addresses: ["10.0.0.7"], renderServes: () => "serves" };
const declared = holderLast(pair, ({ place }, before) => [
  new command.local.Command(place.name, { create: 'echo "$NAME $VERSION" >> "$AT/touched"; [ "$VERSION" != bad ] || printf haproxy > "$AT/$NAME.missing"',
    environment: { AT: at, NAME: place.name, VERSION: version } }, { dependsOn: before }),
]);
export const served = serving(pair, declared);
`;

const put = (name: string, text: string): void => writeFileSync(join(directory, name), text);
const touched = (): string[] => {
  const lines = readFileSync(join(directory, "touched"), "utf8").trim().split("\n");
  put("touched", "");
  return lines.filter((line) => line !== "");
};
const up = (): Promise<string> => trial.pulumi("up", "--yes", "--skip-preview");

before(async () => {
  directory = mkdtempSync(join(tmpdir(), "tandem-turns-"));
  process.env["HOSTS"] = directory;
  const engine = await ensureEngine({ needs: ["command"] }, () => {});
  const { signal } = new AbortController();
  trial = await trialProject(join(directory, "project"), { engine, signal }, { program, typescript: "stripped" });
});
after(() => {
  rmSync(directory, { recursive: true, force: true });
  delete process.env["HOSTS"];
});

test("a first preview shows both hosts, and a first up makes them one after the other", async () => {
  put("version", "one");
  assert.match(await trial.pulumi("preview"), /2 to create|3 to create/);
  await up();
  assert.deepEqual(touched(), ["lb1 one", "lb2 one"]);
});

test("the host that holds the VIP is changed last, whichever it is in this up", async () => {
  for (const [version, holder, first] of [
    ["two", "lb1", "lb2"],
    ["three", "lb2", "lb1"],
    ["four", "lb1", "lb2"],
  ] as const) {
    put("version", version);
    put("holder", holder);
    await up();
    assert.deepEqual(touched(), [`${first} ${version}`, `${holder} ${version}`]);
  }
});

test("a change that the first host does not survive never reaches the holder, in the next up neither", async () => {
  put("version", "bad");
  for (let run = 0; run < 2; run++) await assert.rejects(up(), /lb2: haproxy does not run or answer.*lb1 was not touched/);
  assert.deepEqual(touched(), ["lb2 bad"]);
});

test("a sound change repairs it, and then the holder takes it too", async () => {
  put("version", "five");
  put("lb2.missing", "");
  await up();
  assert.deepEqual(touched(), ["lb2 five", "lb1 five"]);
});

test("a pair that serves nowhere may be repaired on both, and the up still fails while one does not serve", async () => {
  put("version", "six");
  for (const name of ["lb1", "lb2"]) put(`${name}.missing`, "haproxy");
  await assert.rejects(up(), /does not run or answer/);
  assert.deepEqual(touched(), ["lb2 six", "lb1 six"]);
});
