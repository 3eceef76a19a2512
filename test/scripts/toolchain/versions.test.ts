import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { checkout } from "../../../scripts/console/directories.ts";
import { isAtLeast } from "../../../scripts/toolchain/go.ts";
import {
  calicoVersion,
  cliVersion,
  corednsVersion,
  csiProvisionerVersion,
  csiSnapshotterVersion,
  goMinimum,
  goWheel,
  kineVersion,
  kubernetesVersion,
  kwokVersion,
  languageHostVersion,
  metricsServerVersion,
  pluginNames,
  plugins,
} from "../../../scripts/toolchain/versions.ts";

const read = (...path: string[]): string => readFileSync(join(checkout, ...path), "utf8");
const json = (...path: string[]): Record<string, Record<string, string>> => JSON.parse(read(...path)) as never;
const goMod = (module: string): string => read("scripts", "toolchain", "go", module, "go.mod");

test("the CLI is pinned to the version of its SDK", () => {
  assert.equal(json("package.json")["dependencies"]?.["@pulumi/pulumi"], cliVersion);
});

for (const name of pluginNames) {
  test(`the plugin ${name} is pinned to what its npm package asks for`, () => {
    assert.equal(json("package.json")["dependencies"]?.[`@pulumi/${name}`], plugins[name]);
    assert.equal(json("node_modules", "@pulumi", name, "package.json")["pulumi"]?.["version"] ?? plugins[name], plugins[name]);
  });
}

const modules = [
  ["cli", `github.com/pulumi/pulumi/pkg/v3 v${cliVersion}`],
  ["language-host", `github.com/pulumi/pulumi/sdk/v3 v${languageHostVersion}`],
  ["kubernetes", `k8s.io/kubernetes v${kubernetesVersion}`],
  ["kine", `github.com/k3s-io/kine v${kineVersion}`],
  ["kwok", `sigs.k8s.io/kwok v${kwokVersion}`],
  ["csi", `github.com/kubernetes-csi/external-provisioner/v5 v${csiProvisionerVersion}`],
  ["csi", `github.com/kubernetes-csi/external-snapshotter/v8 v${csiSnapshotterVersion}`],
  ["calico", `github.com/projectcalico/calico v${calicoVersion}`],
  ["coredns", `github.com/coredns/coredns v${corednsVersion}`],
  ["metrics-server", `sigs.k8s.io/metrics-server v${metricsServerVersion}`],
] as const;

for (const [module, line] of modules) {
  test(`the Go module ${module} builds the pinned version, and only what its go.sum knows`, () => {
    assert.ok(goMod(module).includes(`${line}\n`) || goMod(module).includes(`${line} //`), line);
    const [path, version] = line.split(" ");
    assert.ok(read("scripts", "toolchain", "go", module, "go.sum").includes(`${path} ${version} h1:`));
  });
}

test("the Go of the Python package is new enough for every module", () => {
  for (const module of [...modules.map(([name]) => name), "plugins", "pods"]) {
    const asked = /^go (\S+)$/m.exec(goMod(module))?.[1] ?? "";
    assert.ok(isAtLeast(goWheel.version, asked), `${module} asks for Go ${asked}`);
  }
  assert.ok(isAtLeast(goWheel.version, goMinimum));
});

test("versions are compared number by number", () => {
  const cases = [
    ["1.25.0", "1.25", true],
    ["1.9.9", "1.25", false],
    ["1.26", "1.26.0", true],
    ["1.25.9", "1.25.11", false],
    ["2.0", "1.99", true],
  ] as const;
  for (const [version, minimum, expected] of cases)
    assert.equal(isAtLeast(version, minimum), expected, `${version} for ${minimum}`);
});
