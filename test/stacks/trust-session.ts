import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before } from "node:test";
import { execa } from "execa";
import { loadEnvironment } from "../../environments/model/load.ts";
import { topologyOf } from "../../environments/model/topology-of.ts";
import { checkout } from "../../scripts/console/directories.ts";
import { runStack, type StackReport } from "../../scripts/deploy/run-stack.ts";
import type { ResourceChange } from "../../scripts/deploy/summary.ts";
import { type Project, projectBeside } from "../../scripts/deploy/workspace.ts";
import { fileBackendEnv } from "../../scripts/toolchain/backend.ts";
import { type Engine, ensureEngine } from "../../scripts/toolchain/engine.ts";
import type { TrustOutputs } from "../../stacks/upstream.ts";

// The one trust stack of these tests: in a copy of this checkout that they can edit, on a backend of its own.

export const name = "reference-trust";
export const topology = topologyOf(loadEnvironment("reference"));
export let directory: string;
export let file: string;
export let project: Project;
let engine: Engine;
let backend: Record<string, string>;
/** All that any run of the engine printed. */
export let said = "";

before(async () => {
  engine = await ensureEngine({ needs: ["random", "tls"] }, () => {});
  directory = mkdtempSync(join(tmpdir(), "tandem-trust-"));
  const root = join(directory, "checkout");
  for (const part of ["components", "environments", "policies", "stacks", "Pulumi.yaml", "package.json"])
    cpSync(join(checkout, part), join(root, part), { recursive: true });
  symlinkSync(join(checkout, "node_modules"), join(root, "node_modules"));
  file = join(root, "environments", "reference.yaml");
  const engineEnv = { ...engine.env, TANDEM_ALLOW: "portable-plugins,default-backend" };
  const own = join(directory, "project");
  mkdirSync(own);
  backend = fileBackendEnv(directory);
  const made = await projectBeside(own, { engineEnv, backendEnv: backend, root });
  await made.openOrCreate(name);
  project = { ...made, openOrCreate: made.open };
});

after(() => rmSync(directory, { recursive: true, force: true }));

export async function run(kind: "preview" | "up"): Promise<StackReport> {
  const report = await runStack(project, name, kind, { diff: true });
  said += [report.text, ...report.diagnostics.map(({ message }) => message)].join("\n");
  return report;
}

/** Deploys, and returns what changed. */
export async function up(): Promise<readonly ResourceChange[]> {
  const report = await run("up");
  assert.equal(report.result, "done", report.diagnostics.map(({ message }) => message).join("\n"));
  assert.ok(report.changes.same > 100 || report.changes.create > 100);
  return report.resources;
}

/** Expects an up to be refused with words of a pattern. */
export const refused = async (words: RegExp): Promise<void> => assertRefused(await run("up"), words);

/** Expects the program to refuse a stack in another environment, or one of another name. */
export async function refusedWith(env: Readonly<Record<string, string>>, stack: string, words: RegExp): Promise<void> {
  const own = mkdtempSync(join(directory, "refused-"));
  const engineEnv = { ...engine.env, ...env };
  const other = await projectBeside(own, { engineEnv, backendEnv: backend, root: join(directory, "checkout") });
  assertRefused(await runStack(other, stack, "up", {}), words);
}

function assertRefused(report: StackReport, words: RegExp): void {
  assert.equal(report.result, "failed");
  assert.deepEqual(
    report.resources.filter(({ type }) => type !== "pulumi:pulumi:Stack"),
    [],
  );
  assert.match(report.diagnostics.map(({ message }) => message).join("\n"), words);
}

/** The stack's outputs, plain only where the options show secrets. */
export async function outputs(options: readonly string[] = ["--show-secrets"]): Promise<TrustOutputs> {
  const args = ["stack", "output", "--json", ...options, "--stack", name];
  const { stdout } = await execa(engine.cli, args, { cwd: project.directory, env: { ...engine.env, ...backend } });
  return JSON.parse(stdout) as TrustOutputs;
}

/** The stack's state, with its secrets in plain text. */
export async function exported(): Promise<string> {
  const args = ["stack", "export", "--show-secrets", "--stack", name];
  return (await execa(engine.cli, args, { cwd: project.directory, env: { ...engine.env, ...backend } })).stdout;
}

/** Replaces the list of authorities in the environment file. */
export function setAuthorities(list: string): void {
  const text = readFileSync(file, "utf8");
  const edited = text.replace(/^ {2}authorities: .*$/m, `  authorities: ${list}`);
  writeFileSync(file, edited);
}

export function write(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

/** What OpenSSL says of certificates: undefined when all are sound, else its words. */
export async function verify(
  authorities: readonly string[],
  certificates: readonly string[],
  ...options: string[]
): Promise<string | undefined> {
  const trusted = write("authorities.pem", authorities.join(""));
  const leaves = certificates.map((certificate, index) => write(`leaf-${index}.pem`, certificate));
  assert.notEqual(leaves.length, 0);
  const args = ["verify", "-x509_strict", "-no-CApath", "-CAfile", trusted, ...options, ...leaves];
  const { exitCode, all } = await execa("openssl", args, { reject: false, all: true });
  return exitCode === 0 ? undefined : all;
}

export const pems = (of: readonly { readonly certificate: string }[] | undefined): string[] =>
  (of ?? []).map(({ certificate }) => certificate);

/** A root and an authority under it, as a company has them. */
export async function companyAuthority(): Promise<{ readonly root: string; readonly certificate: string; readonly key: string }> {
  const at = (part: string): string => join(directory, `company-${part}.pem`);
  const openssl = (...args: string[]): Promise<unknown> => execa("openssl", args);
  const extensions = write(
    "company.cnf",
    "basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n",
  );
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  const subject = (common: string): string[] => ["-subj", `/O=Company/CN=${common}`];
  await openssl(
    "req",
    "-x509",
    ...newKey,
    ...subject("Company root"),
    "-days",
    "900",
    "-addext",
    "keyUsage=critical,keyCertSign,cRLSign",
    "-keyout",
    at("root-key"),
    "-out",
    at("root"),
  );
  await openssl("req", "-new", ...newKey, ...subject("Company platform"), "-keyout", at("key"), "-out", at("request"));
  await openssl(
    "x509",
    "-req",
    "-in",
    at("request"),
    "-CA",
    at("root"),
    "-CAkey",
    at("root-key"),
    "-CAcreateserial",
    "-days",
    "800",
    "-extfile",
    extensions,
    "-out",
    at("certificate"),
  );
  const read = (part: string): string => readFileSync(at(part), "utf8");
  return { root: read("root"), certificate: read("certificate"), key: read("key") };
}
