import { type Differences, differences } from "../provider/differences.ts";
import { type Checked, checkShape, type Failure, type Shape } from "../provider/shape.ts";
import { isUnknown, plain, reveal, type Value, type Values } from "../provider/values.ts";
import type { Mutability } from "./diff.ts";
import { readKubeconfig } from "./kubeconfig.ts";

/** The provider's configuration, as this plugin uses it. */
export interface Config extends Mutability {
  /** Undefined: unknown as yet (a preview of a cluster that is not there), or not given. */
  readonly kubeconfig: string | undefined;
  readonly kubeconfigUnknown: boolean;
  readonly context: string | undefined;
  readonly cluster: string | undefined;
  readonly namespace: string | undefined;
  readonly deleteUnreachable: boolean;
  readonly enablePatchForce: boolean;
  readonly upsertExistingObjects: boolean;
  readonly suppressDeprecationWarnings: boolean;
}

const flags = [
  "deleteUnreachable",
  "enableConfigMapMutable",
  "enablePatchForce",
  "enableSecretMutable",
  "enableServerSideApply",
  "skipUpdateUnreachable",
  "suppressDeprecationWarnings",
  "suppressHelmHookWarnings",
  "upsertExistingObjects",
] as const;

const shape: Shape = {
  kubeconfig: { type: "any" },
  context: { type: "string" },
  cluster: { type: "string" },
  namespace: { type: "string" },
  clusterIdentifier: { type: "string" },
  ...Object.fromEntries(flags.map((flag) => [flag, { type: "any" } as const])),
  version: { type: "string" },
  pluginDownloadURL: { type: "string" },
  pluginChecksums: { type: "any" },
};

/** Options of the official plugin that are refused while they are set, and why. */
const refused: Readonly<Record<string, string>> = {
  alwaysRender: "rendering to files is not covered; use the official plugin for it",
  renderYamlToDirectory: "rendering to files is not covered; use the official plugin for it",
  helmReleaseSettings: "Helm is not covered; use the official plugin for it",
  kubeClientSettings: "limits on requests are not covered; leave it out",
};

export function checkConfig(news: Values): Checked {
  const failures: Failure[] = [];
  const kept: Values = {};
  for (const [key, value] of Object.entries(news)) {
    const inner = reveal(value);
    const reason = refused[key];
    if (reason === undefined) kept[key] = value;
    // The SDK sends what its environment variables fill in as an object of nothing.
    else if (!isEmpty(inner)) failures.push({ property: key, reason });
  }
  for (const flag of flags) {
    if (flagIn(kept, flag) === "wrong") failures.push({ property: flag, reason: "it must be true or false" });
  }
  if (flagIn(kept, "skipUpdateUnreachable") === true) {
    failures.push({
      property: "skipUpdateUnreachable",
      reason: "it makes a cluster that can't be reached look unchanged, so it is refused; leave it out",
    });
  }
  if (flagIn(kept, "enableServerSideApply") === false) {
    failures.push({ property: "enableServerSideApply", reason: "this plugin only works by server-side apply; leave it out" });
  }
  const checked = checkShape(kept, shape);
  return { inputs: checked.inputs, failures: [...failures, ...checked.failures] };
}

function isEmpty(value: Value | undefined): boolean {
  const text = typeof value === "string" ? value : JSON.stringify(value ?? null);
  return text === "" || text === "null" || text === "false" || text === "{}";
}

/** The SDK sends the provider's booleans as JSON texts. */
function flagIn(config: Values, flag: string): boolean | undefined | "wrong" {
  const value = reveal(config[flag]);
  if (value === undefined || value === null || value === "" || isUnknown(value)) return undefined;
  if (value === true || value === "true") return true;
  return value === false || value === "false" ? false : "wrong";
}

export function parseConfig(config: Values): Config {
  const text = (key: string): string | undefined => {
    const value = reveal(config[key]);
    return typeof value === "string" && value !== "" && !isUnknown(value) ? value : undefined;
  };
  const kubeconfig = plain(config["kubeconfig"] ?? null);
  return {
    kubeconfig: typeof kubeconfig === "object" && kubeconfig !== null ? JSON.stringify(kubeconfig) : text("kubeconfig"),
    kubeconfigUnknown: isUnknown(config["kubeconfig"]),
    context: text("context"),
    cluster: text("cluster"),
    namespace: text("namespace"),
    deleteUnreachable: flagIn(config, "deleteUnreachable") === true,
    enableConfigMapMutable: flagIn(config, "enableConfigMapMutable") === true,
    enablePatchForce: flagIn(config, "enablePatchForce") === true,
    enableSecretMutable: flagIn(config, "enableSecretMutable") === true,
    suppressDeprecationWarnings: flagIn(config, "suppressDeprecationWarnings") === true,
    upsertExistingObjects: flagIn(config, "upsertExistingObjects") === true,
  };
}

/**
 * A change of the provider that points it at another cluster replaces it, and with it everything in it. `clusterIdentifier` says which
 * cluster it is; without it, the cluster's name and address in the kubeconfig do.
 */
export function configDifferences(olds: Values, news: Values): Differences {
  const { changed } = differences(olds, news, () => false);
  const identified = olds["clusterIdentifier"] !== undefined && news["clusterIdentifier"] !== undefined;
  if (identified) return { changed, replaces: changed["clusterIdentifier"] ? ["clusterIdentifier"] : [] };
  const [before, now] = [clusterIn(olds), clusterIn(news)];
  const moved = before !== undefined && now !== undefined && before !== now;
  return { changed, replaces: moved ? Object.keys(changed).filter((path) => /^(kubeconfig|context|cluster)\b/.test(path)) : [] };
}

function clusterIn(values: Values): string | undefined {
  const { kubeconfig, context, cluster } = parseConfig(values);
  if (kubeconfig === undefined) return undefined;
  try {
    const connection = readKubeconfig(kubeconfig, { ...(context && { context }), ...(cluster && { cluster }) });
    return `${connection.cluster} ${connection.server.href}`;
  } catch {
    // Not readable here: the requests that need it will say so.
    return undefined;
  }
}
