import type { Context } from "../provider/provider.ts";
import type { Value, Values } from "../provider/values.ts";
import { ApiClient, ApiError, conflictsIn, UnreachableError } from "./client.ts";
import type { Config } from "./config.ts";
import { Discovery, knownScope, pathOf } from "./discovery.ts";
import { type Connection, readKubeconfig } from "./kubeconfig.ts";
import { annotation, apiVersionOf, describe, type Kind, kindOf, listAt, textAt } from "./manifest.ts";
import type { Related } from "./readiness.ts";

/** The server has no such kind. */
export class NoKindError extends Error {}

/** One cluster's objects: get, apply, delete, in terms of manifests. */
export class Cluster {
  readonly client: ApiClient;
  private readonly discovery: Discovery;
  private readonly config: Config;
  private readonly namespace: string;

  constructor(connection: Connection, config: Config) {
    this.client = new ApiClient(connection);
    this.discovery = new Discovery(this.client);
    this.config = config;
    this.namespace = config.namespace ?? connection.namespace ?? "default";
  }

  /** Throws an `UnreachableError` within seconds where nobody answers. */
  async probe(signal: AbortSignal): Promise<void> {
    try {
      await this.client.call("/version", { signal, retries: 1 });
    } catch (error) {
      // Any answer will do: this asks whether somebody is there, not what one may do.
      if (!(error instanceof ApiError)) throw error;
    }
  }

  async isNamespaced(kind: Kind, signal: AbortSignal): Promise<boolean> {
    const known = knownScope(kind);
    if (known) return known === "namespaced";
    return (await this.discovery.resource(kind, signal))?.namespaced ?? true;
  }

  async path(object: Values, signal: AbortSignal): Promise<string> {
    const kind = kindOf(object);
    const resource = await this.discovery.resource(kind, signal);
    if (resource) return pathOf(object, kind, resource, this.namespace);
    throw new NoKindError(
      `${describe(object)}: the cluster has no kind ${kind.kind} in ${apiVersionOf(kind)}; create its CustomResourceDefinition first, or correct apiVersion and kind`,
    );
  }

  /** Undefined: there is no such object. */
  async get(object: Values, signal: AbortSignal): Promise<Values | undefined> {
    const path = await this.path(object, signal);
    return this.optional(path, signal);
  }

  private async optional(path: string, signal: AbortSignal): Promise<Values | undefined> {
    try {
      return await this.client.get(path, signal);
    } catch (error) {
      if (error instanceof ApiError && error.code === 404) return undefined;
      throw error;
    }
  }

  /** Server-side apply; what another manager holds is not taken from it, unless `pulumi.com/patchForce` says so. */
  async apply(manifest: Values, manager: string, dryRun: boolean, context: Context, urn: string): Promise<Values> {
    const force = annotation(manifest, "pulumi.com/patchForce") === "true" || this.config.enablePatchForce;
    const query = {
      fieldManager: manager,
      force: String(force),
      fieldValidation: "Warn",
      ...(dryRun && { dryRun: "All" }),
    };
    const path = await this.path(manifest, context.signal);
    try {
      const contentType = "application/apply-patch+yaml";
      const answer = await this.client.call(path, {
        method: "PATCH",
        query,
        body: manifest,
        contentType,
        signal: context.signal,
      });
      await this.warn(answer.warnings, context, urn);
      return answer.body;
    } catch (error) {
      throw error instanceof ApiError ? refusal(error, manifest) : error;
    }
  }

  private async warn(warnings: readonly string[], { engine }: Context, urn: string): Promise<void> {
    for (const warning of warnings) {
      if (this.config.suppressDeprecationWarnings && warning.includes("deprecated")) continue;
      await engine.log("warning", warning, { urn });
    }
  }

  /** Asks for an object's deletion; only of the one that has this uid, whatever bears its name now. */
  async delete(object: Values, uid: string | undefined, signal: AbortSignal): Promise<void> {
    const body = {
      apiVersion: "v1",
      kind: "DeleteOptions",
      propagationPolicy: propagation(object),
      ...(uid !== undefined && { preconditions: { uid } }),
    };
    try {
      await this.client.call(await this.path(object, signal), { method: "DELETE", body, signal });
    } catch (error) {
      if (error instanceof NoKindError) return;
      if (error instanceof ApiError && (error.code === 404 || (error.code === 409 && uid !== undefined))) return;
      throw error instanceof ApiError ? refusal(error, object) : error;
    }
  }

  related(object: Values, signal: AbortSignal): Related {
    return {
      endpointSlices: async (): Promise<Value[]> => {
        const namespace = textAt(object, "metadata", "namespace") ?? this.namespace;
        const path = `/apis/discovery.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/endpointslices`;
        const query = { labelSelector: `kubernetes.io/service-name=${textAt(object, "metadata", "name")}` };
        return listAt((await this.client.call(path, { query, signal })).body, "items");
      },
      storageClass: (name) => this.optional(`/apis/storage.k8s.io/v1/storageclasses/${encodeURIComponent(name)}`, signal),
    };
  }
}

function propagation(object: Values): string {
  const asked = annotation(object, "pulumi.com/deletionPropagationPolicy") ?? "foreground";
  return { foreground: "Foreground", background: "Background", orphan: "Orphan" }[asked.toLowerCase()] ?? "Foreground";
}

export function refusal(error: ApiError, object: Values): Error {
  const conflicts = conflictsIn(error);
  if ((error.code === 409 && /uid/i.test(error.message)) || (error.code === 422 && error.message.includes("metadata.uid"))) {
    return new Error(
      `${describe(object)}: it is not the object that the state speaks of: somebody deleted it, and maybe made it anew. Run pulumi refresh, then try again`,
    );
  }
  if (conflicts.length === 0) return Object.assign(new Error(`${describe(object)}: ${error.message}`), { cause: error });
  const lines = conflicts.map((each) => `  ${each}`).join("\n");
  return new Error(
    `${describe(object)}: fields that others manage would be changed:\n${lines}\nLeave these fields out here, let the other manager give them up, or take them over with the annotation pulumi.com/patchForce: "true"`,
  );
}

/** Opens the cluster that the configuration names. */
export function openCluster(config: Config): Cluster {
  if (config.kubeconfig === undefined) {
    const why = config.kubeconfigUnknown ? "the provider's kubeconfig is not known yet" : "the provider has no kubeconfig";
    throw new UnreachableError(`${why}; give it one (content or path) in the provider's arguments`);
  }
  const choice = { ...(config.context && { context: config.context }), ...(config.cluster && { cluster: config.cluster }) };
  return new Cluster(readKubeconfig(config.kubeconfig, choice), config);
}
