import * as pulumi from "@pulumi/pulumi";
import type { Identity } from "./identity.ts";

// All values that one stack reads from another, and nothing that an environment file knows.

export interface TrustOutputs {
  /** PEM. */
  readonly authorityCertificate: string;
}

export interface MachinesOutputs {
  /** Container id of each machine, by host name. */
  readonly machines: Readonly<Record<string, string>>;
}

/** The certificates and passwords that both sites agree on. */
export const readTrust = (platform: string): Promise<pulumi.Output<TrustOutputs>> =>
  readUpstream<TrustOutputs>(`${platform}-trust`);

/** The lab's machines. */
export const readMachines = (platform: string): Promise<pulumi.Output<MachinesOutputs>> =>
  readUpstream<MachinesOutputs>(`${platform}-machines`);

/** What this stack recorded when it was last deployed; undefined before that. */
export async function readRecordedIdentity(): Promise<Identity | undefined> {
  return (await readOutputs(pulumi.getStack()))?.["identity"] as Identity | undefined;
}

/**
 * An upstream stack that is not deployed yet: unknown values and one warning in a preview, an error that names it in an `up`.
 * A `StackReference` to a stack that does not exist would fail the preview, so we look first.
 */
async function readUpstream<T extends object>(stack: string): Promise<pulumi.Output<T>> {
  const outputs = await readOutputs(stack);
  if (outputs && "identity" in outputs) return pulumi.output(outputs) as unknown as pulumi.Output<T>;
  if (!pulumi.runtime.isDryRun()) {
    throw new pulumi.RunError(
      `stack ${pulumi.getStack()} needs values of stack ${stack}, which is not deployed; deploy ${stack} first`,
    );
  }
  await pulumi.log.warn(`stack ${stack} is not deployed yet: its values are unknown in this preview; deploy it first`);
  return pulumi.output(pulumi.unknown) as unknown as pulumi.Output<T>;
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
