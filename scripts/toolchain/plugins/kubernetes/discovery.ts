import type { Values } from "../provider/values.ts";
import { type ApiClient, ApiError } from "./client.ts";
import { apiVersionOf, at, type Kind, listAt, nameOf, namespaceOf, textAt } from "./manifest.ts";

export interface ApiResource {
  /** As in paths: `configmaps`. */
  readonly plural: string;
  readonly namespaced: boolean;
}

/** The kinds of Kubernetes itself that belong to no namespace: known without asking a cluster. */
const clusterScoped = new Set(
  `Namespace Node PersistentVolume ComponentStatus ClusterRole ClusterRoleBinding StorageClass CSIDriver CSINode VolumeAttachment
  VolumeAttributesClass PriorityClass RuntimeClass IngressClass IPAddress ServiceCIDR CustomResourceDefinition APIService
  ValidatingWebhookConfiguration MutatingWebhookConfiguration ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding
  MutatingAdmissionPolicy MutatingAdmissionPolicyBinding CertificateSigningRequest ClusterTrustBundle FlowSchema
  PriorityLevelConfiguration DeviceClass DeviceTaintRule ResourceSlice StorageVersion StorageVersionMigration TokenReview
  SubjectAccessReview SelfSubjectAccessReview SelfSubjectRulesReview SelfSubjectReview`.split(/\s+/),
);

const builtIn = ({ group }: Kind) => !group.includes(".") || group.endsWith(".k8s.io");

/** Whether a kind lives in namespaces, where that is known without a cluster. */
export function knownScope(kind: Kind): "namespaced" | "cluster" | undefined {
  if (!builtIn(kind)) return undefined;
  return clusterScoped.has(kind.kind) ? "cluster" : "namespaced";
}

/** Asks the API server which resources it has, once for each group and version. */
export class Discovery {
  private readonly client: ApiClient;
  private readonly found = new Map<string, ApiResource>();

  constructor(client: ApiClient) {
    this.client = client;
  }

  /** Undefined: the server has no such kind (now; a definition may bring it). */
  async resource(kind: Kind, signal: AbortSignal): Promise<ApiResource | undefined> {
    const apiVersion = apiVersionOf(kind);
    const key = `${apiVersion}/${kind.kind}`;
    if (!this.found.has(key)) await this.fetch(apiVersion, kind, signal);
    return this.found.get(key);
  }

  private async fetch(apiVersion: string, { group }: Kind, signal: AbortSignal): Promise<void> {
    try {
      const list = await this.client.get(`${group === "" ? "/api" : "/apis"}/${apiVersion}`, signal);
      for (const each of listAt(list, "resources")) {
        const [plural, kind] = [textAt(each, "name") ?? "", textAt(each, "kind") ?? ""];
        // With a slash: a part of another one, such as pods/log.
        if (plural.includes("/")) continue;
        this.found.set(`${apiVersion}/${kind}`, { plural, namespaced: at(each, "namespaced") === true });
      }
    } catch (error) {
      if (!(error instanceof ApiError && error.code === 404)) throw error;
    }
  }
}

/** The path of an object, or of all of its kind in its namespace without a name. */
export function pathOf(object: Values, kind: Kind, resource: ApiResource, defaultNamespace: string): string {
  const base = `${kind.group === "" ? "/api" : "/apis"}/${apiVersionOf(kind)}`;
  const namespace = resource.namespaced ? `/namespaces/${encodeURIComponent(namespaceOf(object) ?? defaultNamespace)}` : "";
  const name = nameOf(object);
  return `${base}${namespace}/${resource.plural}${name === undefined ? "" : `/${encodeURIComponent(name)}`}`;
}
