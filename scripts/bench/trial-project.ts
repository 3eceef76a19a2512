import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { stringify } from "yaml";
import { checkout } from "../console/directories.ts";
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
  remove(): void;
}

/** Makes a project with one stack in a temporary directory. */
export async function trialProject(engine: Engine, options: TrialOptions): Promise<TrialProject> {
  const directory = mkdtempSync(join(tmpdir(), "tandem-bench-"));
  const state = mkdtempSync(join(tmpdir(), "tandem-bench-state-"));
  const stripped = options.typescript === "stripped";
  writeFileSync(
    join(directory, "Pulumi.yaml"),
    stringify({ name: "bench", main: "index.ts", runtime: { name: "nodejs", options: stripped ? { typescript: false } : {} } }),
  );
  writeFileSync(join(directory, "package.json"), JSON.stringify(stripped ? { type: "module" } : {}));
  writeFileSync(
    join(directory, "tsconfig.json"),
    JSON.stringify({ compilerOptions: { strict: true, skipLibCheck: true, types: ["node"] } }),
  );
  writeFileSync(join(directory, "index.ts"), options.program);
  for (const [name, text] of Object.entries(options.files ?? {})) writeFileSync(join(directory, name), text);
  symlinkSync(join(checkout, "node_modules"), join(directory, "node_modules"));
  const env = { ...engine.env, PULUMI_BACKEND_URL: `file://${state}`, PULUMI_CONFIG_PASSPHRASE: "bench" };
  const pulumi = async (...args: string[]): Promise<string> => (await execa(engine.cli, args, { cwd: directory, env })).stdout;
  await pulumi("stack", "init", "trial");
  return {
    pulumi: (...args) => pulumi(...args, "--stack", "trial", "--non-interactive"),
    remove: () => {
      for (const path of [directory, state]) rmSync(path, { recursive: true, force: true });
    },
  };
}
