import assert from "node:assert/strict";
import { test } from "node:test";
import { cliDownload, pluginDownload } from "../../../scripts/toolchain/official.ts";
import { cliVersion, plugins } from "../../../scripts/toolchain/versions.ts";

const base = (overrides: string): string => pluginDownload("docker", { PULUMI_PLUGIN_DOWNLOAD_URL_OVERRIDES: overrides }).base;
const usual = `https://github.com/pulumi/pulumi-docker/releases/download/v${plugins.docker}`;

/** How an address refers to a named group. */
const group = (name: string): string => `\${${name}}`;

test("without mirrors, the releases are asked", () => {
  assert.equal(pluginDownload("docker", {}).base, usual);
  assert.match(cliDownload({}).base, new RegExp(`/pulumi/pulumi/releases/download/v${cliVersion}$`));
});

test("mirrors of plugins are named as the engine's own variable names them", () => {
  const cases = [
    ["^github://=https://mirror.example/plugins/", "https://mirror.example/plugins"],
    ["^https://get.pulumi.com=https://mirror.example", "https://mirror.example"],
    ["^https://other=https://no.example,.*=https://mirror.example", "https://mirror.example"],
    ["^https://other=https://no.example", usual],
    [
      `^github://api.github.com/(?P<org>[^/]+)/(?P<repo>[^/]+)=https://m.example/${group("org")}/${group("repo")}`,
      "https://m.example/pulumi/pulumi-docker",
    ],
    ["^github://api.github.com/([^/]+)/(.+)=https://m.example/$2/$1", "https://m.example/pulumi-docker/pulumi"],
    [`.*=https://m.example/${group("VERSION")}/${group("OS")}`, `https://m.example/${plugins.docker}/linux`],
  ] as const;
  for (const [overrides, expected] of cases) assert.equal(base(overrides), expected, overrides);
});

test("a variable that is not pairs is refused with what is allowed", () => {
  for (const wrong of ["https://mirror.example", "a=b=c", "=https://x", "a="])
    assert.throws(() => base(wrong), /allowed: regexp=URL/);
});

test("the mirror of the CLI is a directory", () => {
  assert.equal(
    cliDownload({ TANDEM_PULUMI_DOWNLOAD_URL: "https://mirror.example/pulumi/" }).base,
    "https://mirror.example/pulumi",
  );
});
