import type { Differences } from "./differences.ts";
import type { Checked } from "./shape.ts";
import type { Values } from "./values.ts";

/** What each request carries. */
export interface Context {
  /** Aborted by the engine's Cancel, by a signal, by the engine's end, and when the resource's `customTimeouts` run out. */
  readonly signal: AbortSignal;
  readonly engine: EngineLog;
  /** The resource's `customTimeouts` for this request; 0 or absent: none. */
  readonly timeoutSeconds?: number;
}

export type Severity = "debug" | "info" | "warning" | "error";

/** Messages to the person in front of the engine. */
export interface EngineLog {
  /** `ephemeral`: shown as the resource's current status and not kept. */
  log(severity: Severity, message: string, options?: { urn?: string; ephemeral?: boolean }): Promise<void>;
}

export interface ResourceRequest {
  readonly urn: string;
  /** Its token, for example `command:remote:Command`. */
  readonly type: string;
  readonly name: string;
}

export interface CheckRequest extends ResourceRequest {
  readonly olds: Values;
  readonly news: Values;
  readonly randomSeed: Uint8Array;
}

export interface DiffRequest extends ResourceRequest {
  readonly id: string;
  /** The state: inputs and outputs of the last time. */
  readonly olds: Values;
  readonly oldInputs: Values | undefined;
  readonly news: Values;
}

export interface CreateRequest extends ResourceRequest {
  readonly inputs: Values;
  /** A preview changes nothing; what it can't know it returns as `unknown`. */
  readonly preview: boolean;
}

export interface ReadRequest extends ResourceRequest {
  readonly id: string;
  readonly properties: Values;
  readonly inputs: Values;
}

export interface UpdateRequest extends DiffRequest {
  readonly preview: boolean;
}

export interface DeleteRequest extends ResourceRequest {
  readonly id: string;
  readonly properties: Values;
  readonly oldInputs: Values | undefined;
}

/** A provider plugin, in terms of plain values. What it throws becomes the error that the engine shows, message only. */
export interface Provider {
  readonly name: string;
  readonly version: string;
  checkConfig(news: Values): Promise<Checked>;
  diffConfig?(olds: Values, news: Values): Promise<Differences>;
  configure?(config: Values, context: Context): Promise<void>;
  check(request: CheckRequest, context: Context): Promise<Checked>;
  diff(request: DiffRequest, context: Context): Promise<Differences>;
  create(request: CreateRequest, context: Context): Promise<{ id: string; properties: Values }>;
  /** `undefined`: the resource is gone. */
  read(request: ReadRequest, context: Context): Promise<{ id: string; properties: Values; inputs: Values } | undefined>;
  update(request: UpdateRequest, context: Context): Promise<Values>;
  delete(request: DeleteRequest, context: Context): Promise<void>;
  invoke?(token: string, args: Values, context: Context): Promise<Values>;
}

/** Thrown by create and update when the resource exists now but is not what was asked for: it is kept in the state, as failed. */
export class PartialFailure extends Error {
  readonly id: string;
  readonly properties: Values;
  readonly inputs: Values;
  readonly reasons: readonly string[];

  constructor(reasons: readonly string[], id: string, properties: Values, inputs: Values) {
    super(reasons.join("\n"));
    this.id = id;
    this.properties = properties;
    this.inputs = inputs;
    this.reasons = reasons;
  }
}
