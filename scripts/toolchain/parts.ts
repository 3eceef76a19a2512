import { join } from "node:path";
import type { GoPart } from "./go-build.ts";
import { cliVersion, languageHostVersion, plugins } from "./versions.ts";

const modules = join(import.meta.dirname, "go");

/** The engine's own executables and the bridged plugins, as they are built from Go modules. */
export const builtParts = {
  cli: {
    name: "pulumi",
    version: cliVersion,
    module: join(modules, "cli"),
    package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    variables: {
      "github.com/pulumi/pulumi/pkg/v3/version.Version": `v${cliVersion}`,
      "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": `v${cliVersion}`,
    },
  },
  languageHost: {
    name: "pulumi-language-nodejs",
    version: languageHostVersion,
    module: join(modules, "language-host"),
    package: "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs",
    variables: { "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": `v${languageHostVersion}` },
  },
  bridged: {
    name: "pulumi-resource-bridged",
    version: `${plugins.docker}-${plugins.random}-${plugins.tls}`,
    module: join(modules, "plugins"),
    variables: {
      "main.dockerVersion": plugins.docker,
      "main.randomVersion": plugins.random,
      "main.tlsVersion": plugins.tls,
    },
  },
} as const satisfies Record<string, GoPart>;
