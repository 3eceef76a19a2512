import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { loadEnvironment } from "../environments/model/load.ts";
import { topologyOf } from "../environments/model/topology-of.ts";
import { renderPicture } from "../scripts/env/picture.ts";

const root = join(import.meta.dirname, "..");
const read = (file: string): string => readFileSync(join(root, file), "utf8");
const { scripts } = JSON.parse(read("package.json")) as { scripts: Readonly<Record<string, string>> };
const documents = ["CHANGELOG.md", "CONTRIBUTING.md", "README.md", ...globSync("docs/*.md", { cwd: root })];
/** What `npm start` ends with tells of commands too. */
const texts = [...documents, "scripts/start.ts"];

test("the README's picture is what the reference platform looks like now", () => {
  const environment = loadEnvironment("reference", {});
  const remedy = "make it again: npm run -s env -- show reference --format svg > docs/reference.svg";
  assert.equal(read("docs/reference.svg").trim(), renderPicture(topologyOf(environment), environment.zones).trim(), remedy);
});

test("every command that the documents name exists, and runs a file that exists", () => {
  const named = texts.flatMap((file) =>
    [...read(file).matchAll(/npm (?:run (?:-s )?([\w:]+)|(start|test)\b)/g)].map(([, name, short = ""]) => name ?? short),
  );
  assert.ok(named.length > 20);
  for (const name of named) assert.ok(scripts[name], `npm run ${name}`);
  for (const [name, line] of Object.entries(scripts)) {
    const [, , file = ""] = line.split(" ");
    assert.ok(existsSync(join(root, file)), `${name}: ${file}`);
  }
});

test("every subcommand that the documents name exists", () => {
  const named = texts.flatMap((file) => [...read(file).matchAll(/npm run (?:-s )?(env|hosts|lab|state) -- ([a-z][\w-]*)/g)]);
  assert.ok(named.length > 20);
  for (const [, script = "", subcommand = ""] of named) {
    const program = read(scripts[script]?.split(" ").at(-1) ?? "");
    assert.match(program, new RegExp(`\\.command\\("${subcommand}[" ]`), `npm run ${script} -- ${subcommand}`);
  }
});

test("every file that the documents link to exists", () => {
  for (const file of documents)
    for (const [, link = ""] of read(file).matchAll(/\]\((?!https?:)([^)#]+)\)/g))
      assert.ok(existsSync(join(root, dirname(file), link)), `${file}: ${link}`);
});
