import { z } from "zod";

// What Harbor's API takes and gives, as far as Tandem uses it: https://github.com/goharbor/harbor/blob/v2.13.2/api/v2.0/swagger.yaml
// What it gives besides is left out when it is read.

export const health = z.object({
  status: z.string(),
  components: z.array(z.object({ name: z.string(), status: z.string(), error: z.string().optional() })).default([]),
});

/** Each setting with its value, and whether it may be changed. */
export const configuration = z.record(z.string(), z.object({ value: z.unknown() }));

export const project = z.object({
  project_id: z.int(),
  name: z.string(),
  metadata: z.record(z.string(), z.string()).default({}),
});
export interface ProjectRequest {
  readonly project_name: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** In bytes; when it is created. */
  readonly storage_limit?: number;
}

export const quota = z.object({
  id: z.int(),
  ref: z.object({ name: z.string() }),
  hard: z.object({ storage: z.int() }),
  used: z.object({ storage: z.int() }),
});

const selector = z.object({ kind: z.string(), decoration: z.string(), pattern: z.string(), extras: z.string().optional() });
const selectors = z.object({ repository: z.array(selector) });

export const retention = z.object({
  algorithm: z.string(),
  rules: z.array(
    z.object({
      action: z.string(),
      template: z.string(),
      params: z.record(z.string(), z.number()),
      tag_selectors: z.array(selector),
      scope_selectors: selectors,
      disabled: z.boolean().default(false),
    }),
  ),
  trigger: z.object({ kind: z.string(), settings: z.object({ cron: z.string() }) }),
  scope: z.object({ level: z.string(), ref: z.int() }),
});
export type Retention = z.infer<typeof retention>;

export const immutableRule = z.object({
  id: z.int(),
  disabled: z.boolean().default(false),
  action: z.string(),
  template: z.string(),
  tag_selectors: z.array(selector),
  scope_selectors: selectors,
});
export type ImmutableRule = Omit<z.infer<typeof immutableRule>, "id">;

const permission = z.object({
  kind: z.enum(["project", "system"]),
  namespace: z.string(),
  access: z.array(z.object({ resource: z.string(), action: z.string() })),
});
export const robot = z.object({
  id: z.int(),
  /** With the prefix of robots. */
  name: z.string(),
  disable: z.boolean().default(false),
  /** Days from its creation on; -1: for ever. */
  duration: z.int(),
  /** Seconds since 1970; -1: never. */
  expires_at: z.int(),
  creation_time: z.iso.datetime({ offset: true }),
  permissions: z.array(permission).default([]),
});
export const created = z.object({ id: z.int() });
export interface RobotRequest {
  readonly name: string;
  readonly description: string;
  readonly level: "system";
  readonly disable: boolean;
  readonly duration: number;
  readonly permissions: readonly z.infer<typeof permission>[];
}

export const registry = z.object({
  id: z.int(),
  name: z.string(),
  url: z.string(),
  type: z.string(),
  insecure: z.boolean(),
  credential: z.object({ access_key: z.string().optional() }).optional(),
  status: z.string().optional(),
});
export interface RegistryRequest {
  readonly name: string;
  readonly type: "harbor";
  readonly url: string;
  readonly insecure: false;
  readonly credential: { readonly type: "basic"; readonly access_key: string; readonly access_secret: string };
}
export interface RegistryUpdate {
  readonly url: string;
  readonly insecure: false;
  readonly credential_type: "basic";
  readonly access_key: string;
  readonly access_secret: string;
}

/** Kept whole: where a person's is ended, all else of it stays as it was. */
export const replication = z.looseObject({
  id: z.int(),
  name: z.string(),
  enabled: z.boolean(),
  dest_registry: z.looseObject({ id: z.int() }).nullish(),
  trigger: z
    .looseObject({ type: z.string(), trigger_settings: z.looseObject({ cron: z.string().optional() }).nullish() })
    .nullish(),
  /** The value of a label's is a list. */
  filters: z
    .array(z.looseObject({ type: z.string(), value: z.unknown() }))
    .nullish()
    .transform((filters) => filters ?? []),
  override: z.boolean().default(false),
  replicate_deletion: z.boolean().default(false),
  speed: z.int().default(0),
});
export interface ReplicationRequest {
  readonly name: string;
  readonly enabled: boolean;
  readonly dest_registry: { readonly id: number };
  readonly trigger: { readonly type: string; readonly trigger_settings?: { readonly cron: string } };
  readonly filters: readonly { readonly type: string; readonly value: string; readonly decoration?: string }[];
  readonly override: boolean;
  readonly replicate_deletion: boolean;
  readonly speed: number;
}

export const execution = z.object({
  id: z.int(),
  status: z.string(),
  start_time: z.iso.datetime({ offset: true }),
  end_time: z.iso.datetime({ offset: true }).optional(),
  total: z.int().default(0),
  failed: z.int().default(0),
});

/** With its project. */
export const repository = z.object({ name: z.string() });

export const artifact = z.object({
  digest: z.string(),
  tags: z
    .array(z.object({ name: z.string() }))
    .nullish()
    .transform((tags) => tags ?? []),
});

const errors = z.object({ errors: z.array(z.object({ code: z.string(), message: z.string() })).min(1) });

/** What Harbor says of a request that it refused; empty when it says nothing that can be read. */
export function messageOf(body: string): string {
  try {
    const found = errors.safeParse(JSON.parse(body));
    return found.success ? `: ${found.data.errors.map(({ code, message }) => `${code}: ${message}`).join("; ")}` : "";
  } catch {
    return "";
  }
}
