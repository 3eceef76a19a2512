import { createHash } from "node:crypto";
import {
  type Context,
  type CreateRequest,
  type DeleteRequest,
  PartialFailure,
  type ReadRequest,
  type UpdateRequest,
} from "../provider/provider.ts";
import { containsUnknown, isObject, type Values } from "../provider/values.ts";
import { awaitReady, problemOf } from "./awaiting.ts";
import { refuseUncovered } from "./checked.ts";
import { ApiError, UnreachableError } from "./client.ts";
import { type Cluster, NoKindError } from "./cluster.ts";
import type { Config } from "./config.ts";
import { annotation, apiVersionOf, describe, fromId, idOf, kindOfToken, listAt, manifestOf, textAt } from "./manifest.ts";
import { importedInputs, refreshedInputs } from "./refreshed.ts";
import { fieldManagerIn, previewOf, stateOf } from "./state.ts";
import { skipsAwait, timeoutAnnotated, wait } from "./waiting.ts";

export interface Reach {
  reach(context: Context): Promise<Cluster>;
  reachForPreview(context: Context): Promise<Cluster | undefined>;
  config(): Config;
}

/** Create, read, update and delete, for objects of every kind. */
export class Objects {
  /** Ids of the resources that are in the state already, by URN: a preview that creates one of them replaces it. */
  readonly known = new Map<string, string>();
  private readonly to: Reach;

  constructor(to: Reach) {
    this.to = to;
  }

  async create({ urn, inputs, preview }: CreateRequest, context: Context) {
    const manager = managerFor(urn, inputs, {});
    if (preview) return { id: "", properties: await this.previewCreate(urn, inputs, manager, context) };
    const manifest = manifestOf(inputs);
    const cluster = await this.to.reach(context);
    await this.kindIsThere(cluster, manifest, urn, context);
    await this.refuseExisting(cluster, manifest, manager, context, urn);
    const live = await cluster.apply(manifest, manager, false, context, urn);
    const state = (object: Values) => stateOf(object, inputs, manager);
    const up = await awaitReady({ cluster, live, inputs, context, urn, state });
    return { id: idOf(up), properties: state(up) };
  }

  private async previewCreate(urn: string, inputs: Values, manager: string, context: Context): Promise<Values> {
    const cluster = containsUnknown(inputs) ? undefined : await this.to.reachForPreview(context);
    const manifest = cluster && manifestOf(inputs);
    // Replaced under its own name: what is there now will be gone by then.
    if (!cluster || !manifest || this.known.get(urn) === idOf(inputs)) return previewOf(inputs);
    try {
      await this.refuseExisting(cluster, manifest, manager, context, urn);
      await cluster.apply(manifest, manager, true, context, urn);
    } catch (error) {
      // Its kind or its namespace may be made by the same run.
      const cause = error instanceof Error && error.cause instanceof ApiError ? error.cause : undefined;
      if (!(error instanceof NoKindError || cause?.code === 404)) throw error;
    }
    return previewOf(inputs);
  }

  /** A kind that was defined a moment ago takes a moment to be served. */
  private async kindIsThere(cluster: Cluster, manifest: Values, urn: string, context: Context): Promise<void> {
    const { problem } = await wait({
      urn,
      context,
      title: `waiting for the kind of ${describe(manifest)}`,
      atMostSeconds: 10,
      look: async () => ({}),
      judge: async () => {
        const missing = await cluster.path(manifest, context.signal).then(
          () => undefined,
          (error: unknown) => {
            if (error instanceof NoKindError) return error.message;
            throw error;
          },
        );
        return missing === undefined ? "ready" : { waiting: missing };
      },
    });
    if (problem) throw new Error(problem);
  }

  /** What exists belongs to somebody else, unless an interrupted run of this very resource made it. */
  private async refuseExisting(
    cluster: Cluster,
    manifest: Values,
    manager: string,
    context: Context,
    urn: string,
  ): Promise<void> {
    if (this.to.config().upsertExistingObjects) return;
    const existing = await cluster.get(manifest, context.signal);
    if (!existing) return;
    const ours = listAt(existing, "metadata", "managedFields").some(
      (each) => textAt(each, "manager") === manager && textAt(each, "operation") === "Apply",
    );
    if (!ours) {
      throw new Error(
        `${describe(manifest)}: it exists already and is not in this stack's state. Import it (the resource option import), delete it, or give this one another name`,
      );
    }
    const message = `${describe(manifest)} was made by a run that was interrupted before it could note it; it is taken over`;
    await context.engine.log("warning", message, { urn });
  }

  async update({ urn, olds, news, preview }: UpdateRequest, context: Context): Promise<Values> {
    const manager = managerFor(urn, news, olds);
    const cluster = preview ? await this.to.reachForPreview(context) : await this.to.reach(context);
    if (!cluster || (preview && containsUnknown(news))) return previewOf(news, olds);
    const manifest = withUid(manifestOf(news), uidIn(olds));
    const live = await cluster.apply(manifest, manager, preview, context, urn);
    if (preview) return previewOf(news, olds);
    const state = (object: Values) => stateOf(object, news, manager, olds);
    return state(await awaitReady({ cluster, live, inputs: news, context, urn, state }));
  }

  async read({ urn, type, id, properties, inputs }: ReadRequest, context: Context) {
    refuseUncovered(type);
    const known = Object.keys(inputs).length > 0;
    const { namespace, name } = fromId(id);
    const kind = kindOfToken(type);
    const asked: Values = known
      ? { ...manifestOf(inputs), metadata: { name, ...(namespace && { namespace }) } }
      : { apiVersion: apiVersionOf(kind), kind: kind.kind, metadata: { name, ...(namespace && { namespace }) } };
    const cluster = await this.reachToLetGo(context, asked);
    const live = await cluster?.get(asked, context.signal).catch((error: unknown) => {
      if (error instanceof NoKindError) return undefined;
      throw error;
    });
    if (!cluster || !live) return undefined;
    const manager = managerFor(urn, known ? inputs : live, properties);
    const now = known ? refreshedInputs(inputs, properties, live) : importedInputs(live);
    const state = stateOf(live, now, manager, properties);
    const problem = known ? await problemOf(cluster, live, inputs, context.signal) : undefined;
    if (problem) throw new PartialFailure([problem], id, state, now);
    return { id: idOf(live), properties: state, inputs: now };
  }

  async delete({ urn, properties, oldInputs, id }: DeleteRequest, context: Context): Promise<void> {
    const { namespace, name } = fromId(id);
    const state = manifestOf(properties);
    const asked: Values = { ...state, metadata: { name, ...(namespace && { namespace }), ...asObject(state["metadata"]) } };
    const uid = uidIn(properties);
    const cluster = await this.reachToLetGo(context, asked);
    if (!cluster) return;
    await cluster.delete(asked, uid, context.signal);
    if (skipsAwait(oldInputs ?? properties)) return;
    const { object, problem } = await wait({
      urn,
      context,
      title: `waiting until ${describe(asked)} is gone`,
      timeoutSeconds: timeoutAnnotated(properties),
      look: (signal) => cluster.get(asked, signal).catch(goneWithItsKind),
      judge: (found) => {
        if (!found || (uid !== undefined && uidIn(found) !== uid)) return "ready";
        const holders = listAt(found, "metadata", "finalizers").join(", ");
        return { waiting: holders ? `held by the finalizers ${holders}` : "still there" };
      },
    });
    if (problem && object) throw new Error(`${describe(asked)}: its deletion was asked for and it is not gone: ${problem}`);
    if (problem) throw new Error(`${describe(asked)}: ${problem}`);
  }

  /** For resources that are looked at or let go: with `deleteUnreachable` they count as gone where nobody answers. */
  private async reachToLetGo(context: Context, object: Values): Promise<Cluster | undefined> {
    try {
      return await this.to.reach(context);
    } catch (error) {
      if (!(error instanceof UnreachableError)) throw error;
      if (!this.to.config().deleteUnreachable) {
        throw new Error(
          `${describe(object)}: ${error.message}. If the cluster is gone for good, set PULUMI_K8S_DELETE_UNREACHABLE=true (or deleteUnreachable on the provider) to take its resources out of the state`,
        );
      }
      await context.engine.log(
        "warning",
        `${error.message}; ${describe(object)} is taken out of the state, as deleteUnreachable says`,
      );
      return undefined;
    }
  }
}

const asObject = (value: Values[string] | undefined): Values => (isObject(value) ? value : {});
const uidIn = (object: Values): string | undefined => textAt(object, "metadata", "uid");

/** Only the very object that the state speaks of is updated: one that others made anew under its name is a conflict. */
function withUid(manifest: Values, uid: string | undefined): Values {
  return uid === undefined ? manifest : { ...manifest, metadata: { ...asObject(manifest["metadata"]), uid } };
}

function goneWithItsKind(error: unknown): undefined {
  if (error instanceof NoKindError) return undefined;
  throw error;
}

/** The same for every run of a resource, so that an interrupted one is recognised; the state's own comes first. */
function managerFor(urn: string, inputs: Values, state: Values): string {
  const digest = createHash("sha256").update(urn).digest("hex").slice(0, 8);
  return annotation(inputs, "pulumi.com/patchFieldManager") ?? fieldManagerIn(state) ?? `pulumi-kubernetes-${digest}`;
}
