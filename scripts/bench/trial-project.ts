import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { checkout, privateDirectory } from "../console/directories.ts";
import { engineCommand } from "../deploy/engine-command.ts";
import type { Engine } from "../toolchain/engine.ts";

export interface TrialOptions {
  /** The program, as the text of index.ts. */
  readonly program: string;
  /** `stripped`: as Tandem ships. `default`: Pulumi's own path, which compiles and checks types with ts-node. */
  readonly typescript: "stripped" | "default";
  readonly files?: Readonly<Record<string, string>>;
}

/** A small Pulumi project with a backend of its own, for measuring. */
export interface TrialProject {
  pulumi(...args: string[]): Promise<string>;
  /** Changes the program's text and nothing that it does: what compilers keep of the text before is no use any more. */
  edit(): void;
}

/** What the engine runs on, and what interrupts it. */
export interface Bench {
  readonly engine: Engine;
  readonly signal: AbortSignal;
  readonly say: (text: string) => void;
}

/** Makes a project with one stack in a directory that does not exist yet. */
export async function trialProject(
  directory: string,
  { engine, signal }: Pick<Bench, "engine" | "signal">,
  options: TrialOptions,
): Promise<TrialProject> {
  const { program, typescript, files = {} } = options;
  const stripped = typescript === "stripped";
  mkdirSync(directory);
  const write = (name: string, text: string): void => writeFileSync(join(directory, name), text);
  const { runtime } = parse(readFileSync(join(checkout, "Pulumi.yaml"), "utf8")) as { runtime: unknown };
  write("Pulumi.yaml", stringify({ name: "bench", main: "index.ts", runtime: stripped ? runtime : "nodejs" }));
  write("package.json", JSON.stringify(stripped ? { type: "module" } : {}));
  write("tsconfig.json", JSON.stringify({ compilerOptions: { strict: true, skipLibCheck: true, types: ["node"] } }));
  write("index.ts", program);
  for (const [name, text] of Object.entries(files)) write(name, text);
  symlinkSync(join(checkout, "node_modules"), join(directory, "node_modules"));
  const env = {
    ...engine.env,
    PULUMI_BACKEND_URL: `file://${privateDirectory(directory, "state")}`,
    PULUMI_CONFIG_PASSPHRASE: "bench",
    // Node's cache of compiled code is one of our options; ts-node keeps its own.
    ...(!stripped && { NODE_DISABLE_COMPILE_CACHE: "1", TS_NODE_CACHE_DIRECTORY: join(directory, "ts-node") }),
  };
  const command = await engineCommand(env);
  const pulumi = async (...args: string[]): Promise<string> => {
    try {
      return (await command.run(args, directory, env, undefined, undefined, signal)).stdout;
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    }
  };
  await pulumi("stack", "init", "trial");
  let edits = 0;
  return {
    pulumi: (...args) => pulumi(...args, "--stack", "trial"),
    edit: () => write("index.ts", `${program}// edit ${++edits}\n`),
  };
}
