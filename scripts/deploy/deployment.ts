import { partsOf } from "./summary.ts";

// A stack's state as the engine exports it. Pure.

export interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  readonly parent?: string;
  readonly provider?: string;
  readonly protect?: boolean;
  /** Left over from a replacement that was cut: to be deleted by the next run. */
  readonly delete?: boolean;
  readonly dependencies?: readonly string[];
  readonly propertyDependencies?: Readonly<Record<string, readonly string[] | null>>;
  readonly deletedWith?: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
}

export interface PendingOperation {
  readonly type: string;
  readonly resource: StateResource;
}

/** `pulumi stack export`. */
export interface Deployment {
  readonly version: number;
  readonly deployment: {
    readonly manifest?: { readonly time?: string };
    readonly resources?: readonly StateResource[];
    readonly pending_operations?: readonly PendingOperation[];
  } & Readonly<Record<string, unknown>>;
}

export const resourcesOf = (state: Deployment): readonly StateResource[] => state.deployment.resources ?? [];

export const pendingOf = (state: Deployment): readonly PendingOperation[] => state.deployment.pending_operations ?? [];

export const resourceName = (resource: StateResource): string => partsOf(resource.urn).name;

// https://www.pulumi.com/docs/iac/concepts/secrets/: a secret in a state is an object with this signature.
const signatureKey = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

type Wrapped = Readonly<Record<string, unknown>>;

/** Whether a value is a secret, shown or not. */
export const isSecret = (value: unknown): boolean => isWrapped(value);

const isWrapped = (value: unknown): value is Wrapped =>
  typeof value === "object" && value !== null && (value as Wrapped)[signatureKey] === secretSignature;

/** Whether a value is a secret that this export does not show. */
export const isSealed = (value: unknown): boolean => isWrapped(value) && typeof value["plaintext"] !== "string";

/** A value without its secret's wrapping, where the export shows secrets. */
export function opened(value: unknown): unknown {
  if (isWrapped(value) && typeof value["plaintext"] === "string") return opened(JSON.parse(value["plaintext"]));
  if (Array.isArray(value)) return value.map(opened);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, opened(item)]));
}

/** Whether a secret is anywhere in a value. */
export function holdsSealed(value: unknown): boolean {
  if (isSealed(value)) return true;
  return typeof value === "object" && value !== null && Object.values(value).some(holdsSealed);
}

/** The state without operations that a kill cut: what they were about stays as it was before them. */
export function withoutPending(state: Deployment): Deployment {
  const { pending_operations: _, ...deployment } = state.deployment;
  return { ...state, deployment };
}
