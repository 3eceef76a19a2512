import type { Context, Provider } from "../provider/provider.ts";
import { redactor } from "../provider/redact.ts";
import { isObject, isSecret, reveal, secret, secretTexts, type Values } from "../provider/values.ts";
import { autoname } from "./autoname.ts";
import { inputFailures, refuseUncovered } from "./checked.ts";
import { UnreachableError } from "./client.ts";
import { type Cluster, openCluster } from "./cluster.ts";
import { type Config, checkConfig, configDifferences, parseConfig } from "./config.ts";
import { objectDifferences } from "./diff.ts";
import { knownScope } from "./discovery.ts";
import { idOf, kindOf, namespaceOf } from "./manifest.ts";
import { Objects } from "./objects.ts";
import { secretContents } from "./state.ts";

/** How long an answer "nobody is there" holds in previews: each resource asks, and each would wait for the network. */
const unreachableMs = 60_000;

/** The API server quotes what it refuses: a secret value goes no further than here. */
async function hiding<T>(inputs: Values, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error) error.message = redactor(secretTexts(inputs))(error.message);
    throw error;
  }
}

export function kubernetesProvider(): Provider {
  let config: Config = parseConfig({});
  let cluster: Cluster | undefined;
  let nobody: { readonly error: UnreachableError; readonly at: number } | undefined;
  let warned = false;

  /** Opened with the first resource that needs it, and known to answer. */
  async function reach(context: Context): Promise<Cluster> {
    cluster ??= openCluster(config);
    await cluster.probe(context.signal);
    return cluster;
  }

  /** For previews: without an answer they go on, with one warning; a kubeconfig that is not known yet needs none. */
  async function reachForPreview(context: Context): Promise<Cluster | undefined> {
    if (config.kubeconfigUnknown) return undefined;
    try {
      if (nobody && Date.now() - nobody.at < unreachableMs) throw nobody.error;
      return await reach(context);
    } catch (error) {
      if (!(error instanceof UnreachableError)) throw error;
      nobody = { error, at: Date.now() };
      if (!warned) {
        warned = true;
        await context.engine.log("warning", `${error.message}. The preview goes on with what the program says`);
      }
      return undefined;
    }
  }

  const objects = new Objects({ reach, reachForPreview, config: () => config });

  /** The provider's namespace for objects that name none; a kind that only a cluster knows is asked for there. */
  async function withNamespace(inputs: Values, context: Context): Promise<Values> {
    const metadata = reveal(inputs["metadata"]) ?? {};
    if (config.namespace === undefined || !isObject(metadata) || namespaceOf(inputs) !== undefined) return inputs;
    const kind = kindOf(inputs);
    const scope = knownScope(kind);
    const namespaced = scope
      ? scope === "namespaced"
      : ((await (await reachForPreview(context))?.isNamespaced(kind, context.signal)) ?? true);
    if (!namespaced) return inputs;
    const filled = { ...metadata, namespace: config.namespace };
    return { ...inputs, metadata: isSecret(inputs["metadata"]) ? secret(filled) : filled };
  }

  return {
    name: "kubernetes",
    version: "4.34.2",

    async checkConfig(news) {
      return checkConfig(news);
    },

    async diffConfig(olds, news) {
      return configDifferences(olds, news);
    },

    async configure(args) {
      config = parseConfig(args);
      cluster = undefined;
    },

    async check({ urn, type, name, olds, news, randomSeed }, context) {
      refuseUncovered(type);
      const failures = inputFailures(type, news);
      if (failures.length > 0) return { inputs: news, failures };
      if (Object.keys(olds).length > 0) objects.known.set(urn, idOf(olds));
      const named = autoname(news, olds, name, randomSeed);
      return { inputs: secretContents(await withNamespace(named, context)), failures: [] };
    },

    async diff({ olds, oldInputs, news }) {
      return objectDifferences(oldInputs ?? olds, news, config);
    },

    create: (request, context) => hiding(request.inputs, () => objects.create(request, context)),
    read: (request, context) => hiding(request.inputs, () => objects.read(request, context)),
    update: (request, context) => hiding(request.news, () => objects.update(request, context)),
    delete: (request, context) => objects.delete(request, context),

    async invoke(token) {
      throw new Error(
        `${token}: the portable plugin for kubernetes has no functions; for YAML files, Helm and Kustomize use the official plugin`,
      );
    },
  };
}
