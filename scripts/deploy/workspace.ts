import { randomBytes } from "node:crypto";
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LocalWorkspace, Stack } from "@pulumi/pulumi/automation/index.js";
import { parse, stringify } from "yaml";
import { checkout, privateDirectory } from "../console/directories.ts";
import { UserError } from "../console/errors.ts";
import { withTemporaryDirectory } from "../console/temporary-directory.ts";
import { policyPackFile, policyPort, policyPortVariable } from "../toolchain/policy-pack.ts";
import { type EngineCommand, engineCommand } from "./engine-command.ts";
import { copyEmptyStack, isCut, readSizes } from "./file-backend.ts";
import { newStacks } from "./new-stacks.ts";
import { withoutSecrets } from "./stack-file.ts";

/** The project on one backend: where its stacks live and how the engine is run on them. */
export interface Project {
  /** As PULUMI_BACKEND_URL. */
  readonly backend: string;
  readonly directory: string;
  /** Where a stack's own file, Pulumi.<stack>.yaml, is. */
  readonly stackFiles: string;
  readonly engineEnv: Readonly<Record<string, string>>;
  /** Empty at first and gone after the run: stacks are made in it freely. */
  readonly isTemporary: boolean;
  /** Names and sizes of the stacks that the backend has. */
  list(): Promise<Map<string, number>>;
  /** What judges each preview and each `up`, ready to do so. */
  policyPacks(): Promise<string[]>;
  /** A stack that the backend has. */
  open(stack: string): Promise<Stack>;
  /** A stack, made when the backend does not have it. */
  openOrCreate(stack: string): Promise<Stack>;
  /** Runs the CLI on the project and returns what it prints. */
  cli(args: readonly string[], signal?: AbortSignal): Promise<string>;
}

/** How to reach the engine and a backend. */
export interface Surroundings {
  readonly engineEnv: Readonly<Record<string, string>>;
  /** PULUMI_BACKEND_URL and what opens its secrets. */
  readonly backendEnv: Readonly<Record<string, string>>;
  /** Where Pulumi.yaml and the program are; default: this checkout. */
  readonly root?: string;
}

const quiet = { PULUMI_SKIP_UPDATE_CHECK: "true", PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true" } as const;

/** The project in its checkout: stack files are the user's own, as with plain `pulumi`. */
export const projectInCheckout = (surroundings: Surroundings): Promise<Project> =>
  projectIn(surroundings.root ?? checkout, surroundings);

/** The project with stack files in a directory of its own, as a lab has one: the engine writes into them, and a checkout stays clean. */
export function projectBeside(directory: string, surroundings: Surroundings, isTemporary = false): Promise<Project> {
  writeProject(directory, surroundings.root ?? checkout);
  return projectIn(directory, surroundings, isTemporary);
}

/** Runs work on the project with a backend that is empty and gone afterwards, so that everything previews as new. */
export async function withEmptyBackend<T>(
  surroundings: Omit<Surroundings, "backendEnv">,
  work: (project: Project) => Promise<T>,
): Promise<T> {
  return withTemporaryDirectory(async (directory) => {
    const state = privateDirectory(directory, "state");
    const backendEnv = { PULUMI_BACKEND_URL: `file://${state}`, PULUMI_CONFIG_PASSPHRASE: randomBytes(16).toString("hex") };
    const project = await projectBeside(directory, { ...surroundings, backendEnv }, true);
    stripStackFiles(join(directory, "config"));
    return work(project);
  });
}

/** The passphrase of an empty backend opens none of the user's secrets. */
function stripStackFiles(config: string): void {
  for (const name of readdirSync(config).filter((each) => /^Pulumi\..*\.yaml$/.test(each))) {
    const file = join(config, name);
    writeFileSync(file, stringify(withoutSecrets((parse(readFileSync(file, "utf8")) ?? {}) as Record<string, unknown>)));
  }
}

/** Writes a project file that runs the checkout's program, with a stack configuration directory beside it. */
function writeProject(directory: string, root: string): void {
  const project = parse(readFileSync(join(root, "Pulumi.yaml"), "utf8")) as { main: string; stackConfigDir: string };
  const config = privateDirectory(directory, "config");
  const own = join(root, project.stackConfigDir);
  if (existsSync(own))
    cpSync(own, config, {
      recursive: true,
      filter: (path) => !/Pulumi\..*\.yaml$/.test(path) || !existsSync(join(config, basenameOf(path))),
    });
  writeFileSync(
    join(directory, "Pulumi.yaml"),
    stringify({ ...project, main: join(root, project.main), stackConfigDir: "config" }),
  );
}

const basenameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

/** The project in a directory that has its project file. */
export async function projectIn(
  directory: string,
  { engineEnv, backendEnv, root = checkout }: Surroundings,
  isTemporary = false,
): Promise<Project> {
  const envVars = { ...engineEnv, ...quiet, ...backendEnv };
  const command: EngineCommand = await engineCommand(envVars);
  const workspace = await LocalWorkspace.create({ workDir: directory, envVars, pulumiCommand: command });
  const cli = async (args: readonly string[], signal?: AbortSignal): Promise<string> =>
    (await command.run([...args], directory, envVars, undefined, undefined, signal)).stdout;
  const backend = backendEnv["PULUMI_BACKEND_URL"] ?? process.env["PULUMI_BACKEND_URL"] ?? "";
  const list = async (): Promise<Map<string, number>> => {
    const cut = [...(readSizes({ backend, directory })?.keys() ?? [])].filter((stack) => isCut({ backend, directory }, stack));
    if (cut.length > 0) throw new UserError(cutStates(cut));
    const stacks = JSON.parse(await cli(["stack", "ls", "--json"])) as { name: string; resourceCount?: number }[];
    return new Map(stacks.map(({ name, resourceCount = 0 }) => [name, resourceCount]));
  };
  const { stackConfigDir = "." } = parse(readFileSync(join(directory, "Pulumi.yaml"), "utf8")) as { stackConfigDir?: string };
  const stackFiles = join(directory, stackConfigDir);
  const byEngine = (stack: string): Promise<unknown> => cli(["stack", "init", stack, "--no-select", ...secretsProvider(envVars)]);
  const byCopy = async (stack: string, first: string): Promise<void> => copyEmptyStack({ backend, directory }, first, stack);
  const init = newStacks(stackFiles, byEngine, isTemporary ? byCopy : byEngine);
  let known: Promise<Map<string, number>> | undefined;
  return {
    backend,
    directory,
    stackFiles,
    engineEnv,
    isTemporary,
    list,
    cli,
    policyPacks: async () => {
      const pack = join(root, policyPackFile);
      workspace.envVars[policyPortVariable] = await policyPort(pack, envVars);
      return [pack];
    },
    open: (stack) => Stack.select(stack, workspace),
    openOrCreate: async (stack) => {
      known ??= list();
      if (!(await known).has(stack)) await init(stack);
      return Stack.select(stack, workspace);
    },
  };
}

const cutStates = (stacks: readonly string[]): string =>
  `${stacks.join(", ")}: the state can't be read: it is being written at this moment, or a kill cut it while it was. Run this again; if it stays so, an up of that platform ` +
  `puts the state before it back: npm run up -- --platform ${stacks[0]?.split("-")[0]}`;

/** The way that the user names for new stacks' secrets; the passphrase when none is named. */
const secretsProvider = (env: Readonly<Record<string, string>>): string[] => {
  const named = env["TANDEM_SECRETS_PROVIDER"] ?? process.env["TANDEM_SECRETS_PROVIDER"];
  return named ? ["--secrets-provider", named] : [];
};
