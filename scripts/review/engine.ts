import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { privateDirectory } from "../console/directories.ts";
import { type Project, projectBeside } from "../deploy/workspace.ts";
import type { Engine } from "../toolchain/engine.ts";
import { pluginDirectory, writeExecutable } from "../toolchain/home.ts";
import { type PluginName, pluginNames } from "../toolchain/versions.ts";
import { madeUp } from "./made-up.ts";

/** Plugins that reach hosts, clusters or engines of containers when they make something; the others only compute. */
export const making: readonly PluginName[] = ["command", "docker", "kubernetes"];
/** Plugins that reach something already in a preview: a cluster that answers says more of what would happen in it. */
export const asking: readonly PluginName[] = ["kubernetes"];

/** An engine that reaches nothing, whatever it is told to make, with a backend of its own. */
export interface SealedEngine {
  readonly env: Readonly<Record<string, string>>;
  readonly backendEnv: Readonly<Record<string, string>>;
}

/** The engine with stand-ins for some plugins, its backend in `state`. */
export function sealedEngine(engine: Engine, sealed: readonly PluginName[], directory: string, state: string): SealedEngine {
  const home = join(directory, "engine");
  mkdirSync(join(home, "plugins"), { recursive: true });
  symlinkSync(join(engine.home, "bin"), join(home, "bin"));
  for (const name of pluginNames) linkPlugin(name, sealed.includes(name), engine.home, home);
  // Nobody logs in by it; without one, connections would be unknown.
  const key = join(directory, "no-key");
  writeFileSync(key, "no key\n", { mode: 0o600 });
  return {
    env: {
      ...engine.env,
      PULUMI_HOME: home,
      PATH: [join(home, "bin"), engine.env["PATH"]].join(":"),
      TANDEM_SSH_KEY_FILE: key,
      TANDEM_ALLOW: "portable-plugins,default-backend",
    },
    // What it keeps is made up, or was made for this one comparison.
    backendEnv: { PULUMI_BACKEND_URL: `file://${state}`, PULUMI_CONFIG_PASSPHRASE: "review" },
  };
}

function linkPlugin(name: PluginName, isSealed: boolean, from: string, to: string): void {
  const [real, own] = [pluginDirectory(from, name), pluginDirectory(to, name)];
  mkdirSync(own);
  if (!isSealed) {
    for (const file of readdirSync(real)) symlinkSync(join(real, file), join(own, file));
    return;
  }
  const file = `pulumi-resource-${name}`;
  const standIn = join(import.meta.dirname, "stand-in.ts");
  writeExecutable(join(own, file), [process.execPath, "--disable-warning=ExperimentalWarning", standIn, join(real, file)]);
}

/** A copy of the program on that engine. */
export const sealedProject = (sealed: SealedEngine, root: string, directory: string, isTemporary: boolean): Promise<Project> =>
  projectBeside(privateDirectory(directory), { engineEnv: sealed.env, backendEnv: sealed.backendEnv, root }, isTemporary);

/** The program believes that it is previewed, and neither asks hosts nor waits for them; what it can't know then has a made-up value. */
const program = `import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
require("@pulumi/pulumi/runtime/settings.js")._setIsDryRun(true);
require("@pulumi/pulumi/runtime/rpc.js").unknownValue = "${madeUp}";
require("@pulumi/pulumi").unknown = "${madeUp}";
export default (await import("./index.ts")).default;
`;

/** A copy of the program of which an `up` makes nothing but a state, with plugins that make nothing. */
export async function madeUpProject(
  sealed: SealedEngine,
  root: string,
  directory: string,
  isTemporary: boolean,
): Promise<Project> {
  const settings = join(root, "Pulumi.yaml");
  const own = readFileSync(settings, "utf8");
  writeFileSync(join(root, "stacks", "made-up.ts"), program);
  writeFileSync(settings, own.replace("stacks/index.ts", "stacks/made-up.ts"));
  // A state that grows is written as a whole after each step: most of the time. Nothing is lost with one that is cut.
  const env = { ...sealed.env, PULUMI_SKIP_CHECKPOINTS: "true" };
  const project = await sealedProject({ ...sealed, env }, root, directory, isTemporary);
  writeFileSync(settings, own);
  return { ...project, policyPacks: async () => [] };
}
