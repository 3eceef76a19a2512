import { randomBytes } from "node:crypto";
import { existsSync, linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { privateDirectory, stateDirectory } from "../console/directories.ts";
import { requireLab } from "../lab/instance.ts";
import { quoted } from "./home.ts";

/**
 * The state of the platform's stacks: the user's own backend when `PULUMI_BACKEND_URL` names one, else files in the user's home.
 * Nothing is added that the user has set.
 */
export function backendEnv(env: Readonly<Record<string, string | undefined>> = process.env): Record<string, string> {
  if (env["PULUMI_BACKEND_URL"]) return {};
  const own = fileBackendEnv(stateDirectory);
  const opened = env["PULUMI_CONFIG_PASSPHRASE"] !== undefined || env["PULUMI_CONFIG_PASSPHRASE_FILE"];
  return opened ? { PULUMI_BACKEND_URL: own["PULUMI_BACKEND_URL"] ?? "" } : own;
}

/** The backend for what a command line of the CLI names: the lab's own for its stacks, else the platform's. */
export function backendEnvFor(args: readonly string[]): Record<string, string> {
  const names = args.map((argument) => argument.replace(/^(?:--stack|-s)=/, ""));
  return names.some((name) => /^lab-[a-z0-9-]+$/.test(name)) ? labEnv() : backendEnv();
}

/** This checkout's lab, for its stacks: its state, and where the program reads about it. */
export function labEnv(): Record<string, string> {
  const { directory } = requireLab();
  return { ...fileBackendEnv(directory), TANDEM_LAB: directory };
}

/** A backend of files in a directory (`state/`), opened by a passphrase (`passphrase`) that only its owner reads; both are made. */
export function fileBackendEnv(directory: string): Record<string, string> {
  const state = privateDirectory(directory, "state");
  const passphrase = ensurePassphrase(directory);
  return {
    PULUMI_BACKEND_URL: `file://${state}`,
    PULUMI_CONFIG_PASSPHRASE_FILE: passphrase,
    // The engine prefers this one to the file: a passphrase of another backend in the user's shell must not win.
    ...(process.env["PULUMI_CONFIG_PASSPHRASE"] !== undefined && {
      PULUMI_CONFIG_PASSPHRASE: readFileSync(passphrase, "utf8").trim(),
    }),
  };
}

/** As lines for sh. A passphrase is not shown: the shell reads it from its file, once no other one of its own is in the way. */
export function renderEnv(env: Readonly<Record<string, string>>): string {
  const lines = Object.entries(env).map(([name, value]) =>
    name === "PULUMI_CONFIG_PASSPHRASE" ? `unset ${name}` : `export ${name}=${quoted(value)}`,
  );
  return `${lines.join("\n")}\n`;
}

/** Two runs at once must agree on one: the first link wins, and a half-written file is never linked. */
function ensurePassphrase(directory: string): string {
  const path = join(privateDirectory(directory), "passphrase");
  if (existsSync(path)) return path;
  const beside = `${path}.${process.pid}`;
  writeFileSync(beside, randomBytes(24).toString("base64url"), { mode: 0o600 });
  try {
    linkSync(beside, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    rmSync(beside);
  }
  return path;
}
