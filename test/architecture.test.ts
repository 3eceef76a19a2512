import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";

const root = join(import.meta.dirname, "..");
const sources = globSync("{components,environments,policies,scripts,stacks}/**/*.ts", { cwd: root });

/** What the file imports: folders of this project as paths, packages by name. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), "utf8");
  return [...text.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)].map(([, target = ""]) =>
    target.startsWith(".") ? relative(root, join(root, dirname(file), target)) : target,
  );
}

const layer = (path: string): string => {
  if (path.startsWith("components/") && (path.endsWith(".render.ts") || path === "components/host/shell.ts")) return "renderers";
  if (path.startsWith("environments/model/")) return "model";
  return path.split("/")[0] ?? "";
};

const ours = ["components", "model", "policies", "renderers", "scripts", "stacks"];
const allowed: Readonly<Record<string, readonly string[]>> = {
  model: ["model"],
  renderers: ["model", "renderers"],
  components: ["model", "renderers", "components"],
  stacks: ["model", "components", "stacks"],
  policies: ["model", "policies"],
  // What is exported for a firewall that is not ours is what ours would get.
  scripts: ["model", "renderers", "scripts"],
};

/** Imports that point against the direction in which the layers may depend on one another. */
function forbiddenImports(file: string, imports: readonly string[]): string[] {
  const from = layer(file);
  return imports
    .filter((target) => ours.includes(layer(target)) && !(allowed[from] ?? []).includes(layer(target)))
    .map((target) => `${file} -> ${target}`);
}

test("each layer imports only what lies below it", () => {
  assert.ok(sources.length > 30);
  assert.deepEqual(
    sources.flatMap((file) => forbiddenImports(file, importsOf(file))),
    [],
  );
});

test("the check above finds an import against the direction", () => {
  assert.deepEqual(forbiddenImports("scripts/x.ts", ["components/host/host.ts"]), ["scripts/x.ts -> components/host/host.ts"]);
  assert.deepEqual(forbiddenImports("environments/model/x.ts", ["stacks/index.ts"]), [
    "environments/model/x.ts -> stacks/index.ts",
  ]);
});

test("model and renderers are pure: no disk, no processes, no Pulumi; one file of the model reads the disk", () => {
  const impure = sources
    .filter((file) => ["model", "renderers"].includes(layer(file)) && file !== "environments/model/load.ts")
    .flatMap((file) =>
      importsOf(file)
        .filter((target) => /^node:(fs|child_process|net|http|os)|^@pulumi/.test(target))
        .map((target) => `${file} -> ${target}`),
    );
  assert.deepEqual(impure, []);
});

test("only stacks read Pulumi configuration and refer to other stacks", () => {
  const readers = sources.filter(
    (file) => !file.startsWith("stacks/") && /new pulumi\.(Config|StackReference)\b/.test(readFileSync(join(root, file), "utf8")),
  );
  assert.deepEqual(readers, []);
  const referrers = sources.filter((file) =>
    /readStackOutputs|new pulumi\.StackReference/.test(readFileSync(join(root, file), "utf8")),
  );
  assert.deepEqual(referrers, ["stacks/upstream.ts"]);
});
