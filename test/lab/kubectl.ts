import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { ensureKubernetesBinaries } from "../../scripts/toolchain/kubernetes-binaries.ts";
import type { Outcome } from "../support/lab.ts";
import { own, said } from "./session.ts";

// kubectl itself, as the administrator of dc1's cluster: `npm run lab -- kubectl` reads a site's state each time, and tests ask a hundred times.

const directory = mkdtempSync(join(tmpdir(), "tandem-test-kubectl-"));
// Also when the run is interrupted.
process.once("exit", () => rmSync(directory, { recursive: true, force: true }));

interface Client {
  readonly program: string;
  readonly env: NodeJS.ProcessEnv;
}
let prepared: Promise<Client> | undefined;

async function prepare(): Promise<Client> {
  const { kubectl: program } = await ensureKubernetesBinaries(["kubectl"], () => {});
  // Not by the session's npm: what that one printed is searched for secrets.
  const outcome = await own.npm("lab", ["kubectl", "--site", "dc1", "--", "config", "view", "--raw"]);
  assert.equal(outcome.code, 0, outcome.stderr);
  const file = join(directory, "kubeconfig");
  writeFileSync(file, outcome.stdout, { mode: 0o600 });
  return { program, env: { KUBECONFIG: file, KUBECACHEDIR: directory } };
}

export async function kubectlSays(words: readonly string[], input?: string): Promise<Outcome> {
  prepared ??= prepare();
  const { program, env } = await prepared;
  const { exitCode, stdout, stderr } = await execa(program, words, { reject: false, env, ...(input !== undefined && { input }) });
  return { code: exitCode ?? null, stdout, stderr };
}

/** What a kubectl that has to succeed says. */
export async function kubectl(...words: string[]): Promise<string> {
  const outcome = await kubectlSays(words);
  assert.equal(outcome.code, 0, `kubectl ${words.join(" ")}: ${said(outcome)}`);
  return outcome.stdout;
}
