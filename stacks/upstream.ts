import * as pulumi from "@pulumi/pulumi";
import type { RecordedCluster } from "../components/control-plane/recorded-cluster.ts";
import type { AuthorityRole } from "../environments/model/certificates.ts";
import type { Identity } from "./identity.ts";
import type { Images } from "./upgrades.ts";

// All values that one stack reads from another, and nothing that an environment file knows.

export interface TrustedAuthority {
  readonly name: string;
  /** PEM: its own, then those of its parents up to the root. */
  readonly certificate: string;
}

/** What the trust stack gives. Of each list the first one issues, and all are trusted; all texts of keys and certificates are PEM. */
export interface TrustOutputs {
  readonly authorities: Readonly<Partial<Record<AuthorityRole, readonly TrustedAuthority[]>>>;
  /** By site: a token that one of them fits is valid. */
  readonly serviceAccountPublicKeys: Readonly<Record<string, readonly string[]>>;
  /** By the name that the model gives them; parents that are no roots follow. */
  readonly certificates: Readonly<Record<string, string>>;
  /** Secret. By the name of the certificate; besides `kubernetes-<site>`, which signs nodes' requests, `service-account-<site>`, and the names of `signingKeysOf`. */
  readonly privateKeys: Readonly<Record<string, string>>;
  /** Secret. By purpose; besides, by the names of `hashName`, what is known of some. */
  readonly passwords: Readonly<Record<string, string>>;
  /** When each certificate ends, RFC 3339: by its name, an authority's as `<role>-<authority>`. */
  readonly expiry: Readonly<Record<string, string>>;
}

export interface MachinesOutputs {
  /** Container id of each machine, by host name. */
  readonly machines: Readonly<Record<string, string>>;
}

/** What both sites agree on. What is read together is one value: secret as soon as a part of it is. */
export const readTrust = <K extends keyof TrustOutputs>(
  platform: string,
  ...names: readonly K[]
): Promise<pulumi.Output<Pick<TrustOutputs, K>>> => readUpstream(`${platform}-trust`, names);

/** The lab's machines. */
export const readMachines = (platform: string): Promise<pulumi.Output<MachinesOutputs>> =>
  readUpstream(`${platform}-machines`, ["machines"]);

/** The cluster of a site, as its core's stack recorded it. */
export const readCluster = (stack: string): Promise<pulumi.Output<{ readonly core: { readonly cluster: RecordedCluster } }>> =>
  readUpstream(stack, ["core"]);

/** What this stack recorded when it was last deployed; undefined before that. */
export async function readRecordedIdentity(): Promise<Identity | undefined> {
  return (await readOutputs(pulumi.getStack()))?.["identity"] as Identity | undefined;
}

/** Images that this stack was last deployed with, by their names in the environment file; none before that. */
export async function readRecordedImages(): Promise<Images> {
  return ((await readOutputs(pulumi.getStack()))?.["images"] ?? {}) as Images;
}

/** What the core of a site recorded when it was last deployed; empty before that. */
export interface RecordedCore {
  /** Every member of the database served. */
  readonly databaseIsMade?: boolean;
  readonly cluster?: RecordedCluster;
}

export async function readRecordedCore(): Promise<RecordedCore> {
  return ((await readOutputs(pulumi.getStack()))?.["core"] ?? {}) as RecordedCore;
}

/** The authorities that this stack, the trust stack, was last deployed with; undefined before that. */
export async function readRecordedAuthorities(): Promise<readonly TrustedAuthority[] | undefined> {
  const authorities = (await readOutputs(pulumi.getStack()))?.["authorities"] as TrustOutputs["authorities"] | undefined;
  return authorities?.platform;
}

/** Names of the authorities that a stack of hosts was last deployed with; undefined before that. */
export async function readTakenUpAuthorities(stack: string): Promise<readonly string[] | undefined> {
  return (await readOutputs(stack))?.["authorities"] as readonly string[] | undefined;
}

/**
 * An upstream stack that is not deployed yet: unknown values and one warning in a preview, an error that names it in an `up`.
 * A `StackReference` to a stack that does not exist would fail the preview, so we look first.
 */
async function readUpstream<T extends object, K extends keyof T & string>(
  stack: string,
  names: readonly K[],
): Promise<pulumi.Output<Pick<T, K>>> {
  const outputs = await readOutputs(stack);
  if (outputs && names.every((name) => Object.hasOwn(outputs, name))) {
    const wanted = Object.fromEntries(names.map((name) => [name, outputs[name]]));
    return pulumi.output(wanted) as unknown as pulumi.Output<Pick<T, K>>;
  }
  if (!pulumi.runtime.isDryRun()) {
    throw new pulumi.RunError(
      `stack ${pulumi.getStack()} needs values of stack ${stack}, which is not deployed; deploy ${stack} first`,
    );
  }
  await pulumi.log.warn(`stack ${stack} is not deployed yet: its values are unknown in this preview; deploy it first`);
  return pulumi.output(pulumi.unknown) as unknown as pulumi.Output<Pick<T, K>>;
}

interface StackOutputs {
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly secretOutputNames?: readonly string[];
}

async function readOutputs(stack: string): Promise<Record<string, unknown> | undefined> {
  const name = `${pulumi.getOrganization()}/${pulumi.getProject()}/${stack}`;
  try {
    const { outputs, secretOutputNames = [] } = (await pulumi.runtime.invoke("pulumi:pulumi:readStackOutputs", {
      name,
    })) as StackOutputs;
    return Object.fromEntries(
      Object.entries(outputs).map(([key, value]) => [key, secretOutputNames.includes(key) ? pulumi.secret(value) : value]),
    );
  } catch (error) {
    if (String(error).includes("unknown stack")) return undefined;
    throw error;
  }
}
