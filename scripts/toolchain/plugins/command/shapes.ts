import type { Property, Shape } from "../provider/shape.ts";

/** Inputs of the resources, under the names and defaults of the official plugin 1.2.1 (`@pulumi/command/types/input.d.ts`). */
const host: Shape = {
  host: { type: "string", required: true },
  port: { type: "number", default: 22 },
  user: { type: "string", default: "root" },
  password: { type: "string", secret: true },
  privateKey: { type: "string", secret: true },
  privateKeyPassword: { type: "string", secret: true },
  agentSocketPath: { type: "string" },
  hostKey: { type: "string" },
  dialErrorLimit: { type: "number", default: 10 },
  perDialTimeout: { type: "number", default: 15 },
};

const connection: Property = { type: { ...host, proxy: { type: host } }, required: true, secret: true };

const common: Shape = {
  stdin: { type: "string" },
  environment: { type: "stringMap" },
  logging: { type: "string", oneOf: ["stdout", "stderr", "stdoutAndStderr", "none"] },
  addPreviousOutputInEnv: { type: "boolean", default: true },
};

const lifecycle: Shape = {
  create: { type: "string" },
  update: { type: "string" },
  delete: { type: "string" },
  triggers: { type: "list" },
};

const local: Shape = {
  ...common,
  dir: { type: "string" },
  interpreter: { type: "stringList" },
  assetPaths: { type: "stringList" },
  archivePaths: { type: "stringList" },
};

export const localCommandShape: Shape = { ...local, ...lifecycle };
export const localRunShape: Shape = { ...local, command: { type: "string", required: true } };
export const remoteCommandShape: Shape = { ...common, ...lifecycle, connection };
export const copyToRemoteShape: Shape = {
  connection,
  source: { type: "assetOrArchive", required: true },
  remotePath: { type: "string", required: true },
  triggers: { type: "list" },
};

/** Values of the shapes above, after their check: without marks. */
export interface HostInputs {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password?: string;
  readonly privateKey?: string;
  readonly privateKeyPassword?: string;
  readonly agentSocketPath?: string;
  readonly hostKey?: string;
  readonly dialErrorLimit: number;
  readonly perDialTimeout: number;
}

export interface ConnectionInputs extends HostInputs {
  readonly proxy?: HostInputs;
}

export interface CommonInputs {
  readonly stdin?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly logging?: "stdout" | "stderr" | "stdoutAndStderr" | "none";
  readonly addPreviousOutputInEnv?: boolean;
}

export interface LocalInputs extends CommonInputs {
  readonly dir?: string;
  readonly interpreter?: readonly string[];
  readonly assetPaths?: readonly string[];
  readonly archivePaths?: readonly string[];
}

export interface RemoteInputs extends CommonInputs {
  readonly connection: ConnectionInputs;
}
