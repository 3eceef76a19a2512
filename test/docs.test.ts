import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { loadEnvironment } from "../environments/model/load.ts";
import { topologyOf } from "../environments/model/topology-of.ts";
import { renderPicture } from "../scripts/env/picture.ts";

const root = join(import.meta.dirname, "..");
const read = (file: string): string => readFileSync(join(root, file), "utf8");
const { scripts } = JSON.parse(read("package.json")) as { scripts: Readonly<Record<string, string>> };
const documents = ["README.md", "CONTRIBUTING.md"];

test("the README's picture is what the reference platform looks like now", () => {
  const environment = loadEnvironment("reference", {});
  const remedy = "make it again: npm run -s env -- show reference --format svg > docs/reference.svg";
  assert.equal(read("docs/reference.svg").trim(), renderPicture(topologyOf(environment), environment.zones).trim(), remedy);
});

test("every command that the documents name exists, and runs a file that exists", () => {
  const named = documents.flatMap((file) =>
    [...read(file).matchAll(/npm (?:run (?:-s )?)?([\w:]+)/g)].map(([, name = ""]) => name),
  );
  assert.ok(named.length > 20);
  for (const name of named) assert.ok(scripts[name], `npm run ${name}`);
  for (const [name, line] of Object.entries(scripts)) {
    const [, , file = ""] = line.split(" ");
    assert.ok(existsSync(join(root, file)), `${name}: ${file}`);
  }
});

test("every file that the documents link to exists", () => {
  const links = documents.flatMap((file) => [...read(file).matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, link = ""]) => link));
  for (const link of links) assert.ok(existsSync(join(root, link)), link);
});
