import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { Machine } from "../../components/host/host.ts";

/** A resource as a program declared it. */
export interface DeclaredResource {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Names of the inputs that are secret, or have a secret part. */
  readonly secrets: readonly string[];
}

export interface MockedProgram {
  readonly stack: string;
  readonly isPreview: boolean;
  /** Plays the engine: the resource is there when it resolves. */
  readonly register: (resource: DeclaredResource) => Promise<void>;
}

/** Runs a program without an engine. Once a process: mocks are the process's. */
export async function runMocked({ stack, isPreview, register }: MockedProgram, program: () => Promise<void>): Promise<void> {
  await pulumi.runtime.setMocks(
    {
      newResource: async ({ type, name, inputs }) => {
        const secrets = Object.keys(inputs).filter((key) => JSON.stringify(inputs[key] ?? null).includes(secretMark));
        await register({ type, name, inputs: revealed(inputs) as Record<string, unknown>, secrets });
        return { id: `${name}-id`, state: inputs };
      },
      call: () => ({}),
    },
    "tandem",
    stack,
    isPreview,
  );
  await pulumi.runtime.runInPulumiStack(async () => {
    await program();
    return {};
  });
  await pulumi.runtime.disconnect();
}

/** How a program logs in to hosts that are not there. */
export const noAccess = { user: "root", port: 22, privateKey: "key", hostKey: "ssh-ed25519 AAAA" } as const;

/** A machine of a lab that is not there. */
export function mockedLabMachine(): Machine {
  const provider = new docker.Provider("docker", { host: "unix:///nowhere/docker.sock" });
  return { kind: "lab", lab: "00000000", engine: () => provider, containerId: "machine" };
}

const secretMark = "4dabf18193072939515e22adb298388d";

function revealed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(revealed);
  if (typeof value !== "object" || value === null) return value;
  if (secretMark in value && "value" in value) return revealed(value.value);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, revealed(inner)]));
}

/** Files that a program writes on a host, by their path. */
export const filesOn = (declared: readonly DeclaredResource[], host: string): ReadonlyMap<string, DeclaredResource> =>
  new Map(
    declared.flatMap((resource) => {
      const { type, name, inputs } = resource;
      const [, path] = /^target='?([^'\s]+)'?$/m.exec(String(inputs["create"])) ?? [];
      const isFile = type === "command:remote:Command" && name.endsWith(`-${host}`) && inputs["stdin"] !== undefined && path;
      return isFile ? [[path, resource] as const] : [];
    }),
  );
