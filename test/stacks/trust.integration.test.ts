import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { execa } from "execa";
import { certificatesOf, passwordsOf } from "../../environments/model/certificates.ts";
import { loadEnvironment } from "../../environments/model/load.ts";
import { topologyOf } from "../../environments/model/topology-of.ts";
import { checkout } from "../../scripts/console/directories.ts";
import { runStack, type StackReport } from "../../scripts/deploy/run-stack.ts";
import type { ResourceChange } from "../../scripts/deploy/summary.ts";
import { type Project, projectBeside } from "../../scripts/deploy/workspace.ts";
import { fileBackendEnv } from "../../scripts/toolchain/backend.ts";
import { type Engine, ensureEngine } from "../../scripts/toolchain/engine.ts";
import type { TrustOutputs } from "../../stacks/upstream.ts";
import { filesWith } from "../support/lab.ts";

// The trust stack of the reference platform by the real engine, judged by OpenSSL; one state for all tests, in this order.

const name = "reference-trust";
const topology = topologyOf(loadEnvironment("reference"));
let directory: string;
let file: string;
let project: Project;
let engine: Engine;
let backend: Record<string, string>;
/** All that any run of the engine printed. */
let said = "";

before(async () => {
  engine = await ensureEngine({ needs: ["random", "tls"] }, () => {});
  directory = mkdtempSync(join(tmpdir(), "tandem-trust-"));
  const root = join(directory, "checkout");
  for (const part of ["components", "environments", "stacks", "Pulumi.yaml", "package.json"])
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

async function run(kind: "preview" | "up"): Promise<StackReport> {
  const report = await runStack(project, name, kind, { diff: true });
  said += [report.text, ...report.diagnostics.map(({ message }) => message)].join("\n");
  return report;
}

/** Deploys, and returns what changed. */
async function up(): Promise<readonly ResourceChange[]> {
  const report = await run("up");
  assert.equal(report.result, "done", report.diagnostics.map(({ message }) => message).join("\n"));
  assert.ok(report.changes.same > 100 || report.changes.create > 100);
  return report.resources;
}

/** Expects an up to be refused with words of a pattern. */
async function refused(words: RegExp): Promise<void> {
  const report = await run("up");
  assert.equal(report.result, "failed");
  assert.deepEqual(report.resources, []);
  assert.match(report.diagnostics.map(({ message }) => message).join("\n"), words);
}

async function outputs(): Promise<TrustOutputs> {
  const args = ["stack", "output", "--json", "--show-secrets", "--stack", name];
  const { stdout } = await execa(engine.cli, args, { cwd: project.directory, env: { ...engine.env, ...backend } });
  return JSON.parse(stdout) as TrustOutputs;
}

/** Replaces the list of authorities in the environment file. */
function setAuthorities(list: string): void {
  const text = readFileSync(file, "utf8");
  const edited = text.replace(/^ {2}authorities: .*$/m, `  authorities: ${list}`);
  writeFileSync(file, edited);
}

function write(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

/** What OpenSSL says of certificates: undefined when all are sound, else its words. */
async function verify(
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

const pems = (of: readonly { readonly certificate: string }[] | undefined): string[] =>
  (of ?? []).map(({ certificate }) => certificate);

test("every certificate of the list is made, and OpenSSL finds its chain, uses, names and addresses in order", async () => {
  await up();
  const made = await outputs();
  const wanted = certificatesOf(topology);
  assert.deepEqual(Object.keys(made.certificates).sort(), wanted.map((each) => each.name).sort());
  assert.deepEqual(Object.keys(made.passwords).sort(), passwordsOf(topology).sort());
  assert.equal(new Set(Object.values(made.passwords)).size, Object.keys(made.passwords).length);
  for (const { name: each, signedBy, uses, dnsNames, ipAddresses, subject } of wanted) {
    const pem = made.certificates[each] ?? "";
    const trusted = pems(made.authorities[signedBy]);
    for (const use of ["client", "server"] as const) {
      const outcome = await verify(trusted, [pem], "-purpose", `ssl${use}`);
      assert.equal(outcome === undefined, uses.includes(use), `${each} as ${use}: ${outcome}`);
    }
    const parsed = new X509Certificate(pem);
    const alternatives = [...dnsNames.map((dns) => `DNS:${dns}`), ...ipAddresses.map((address) => `IP Address:${address}`)];
    assert.deepEqual(parsed.subjectAltName?.split(", ") ?? [], alternatives, each);
    assert.ok(parsed.subject.split("\n").includes(`CN=${subject.commonName}`), parsed.subject);
    assert.equal(new Date(made.expiry[each] ?? "").getTime(), parsed.validToDate.getTime(), each);
    assert.match(made.privateKeys[each] ?? "", /^-----BEGIN EC PRIVATE KEY-----/);
  }
  const [first] = wanted.filter(({ signedBy }) => signedBy === "platform");
  assert.match(
    (await verify(pems(made.authorities["kubernetes-dc1"]), [made.certificates[first?.name ?? ""] ?? ""])) ?? "",
    /unable to get/,
  );
});

test("a second up changes nothing", async () => {
  assert.deepEqual(await up(), []);
});

test("keys and passwords are in nothing that the engine prints and in no file, the state included", async () => {
  const { privateKeys, passwords, expiry } = await outputs();
  const keyLines = Object.values(privateKeys).flatMap((pem) => pem.split("\n").filter((line) => /^[\w+/]{60,}$/.test(line)));
  const needles = [...keyLines, ...Object.values(passwords)];
  assert.ok(needles.length > 150);
  await run("preview");
  assert.ok(said.includes("kube-apiserver-dc1-platform-cp1-certificate"));
  assert.deepEqual(
    needles.filter((needle) => said.includes(needle)),
    [],
  );
  assert.deepEqual(filesWith(directory, needles), []);
  const shown = await execa(engine.cli, ["stack", "output", "--json", "--stack", name], {
    cwd: project.directory,
    env: { ...engine.env, ...backend },
  });
  const plain = JSON.parse(shown.stdout) as Record<keyof TrustOutputs, unknown>;
  assert.deepEqual([plain.expiry, plain.privateKeys, plain.passwords], [expiry, "[secret]", "[secret]"]);
});

test("a certificate near its end is renewed by an ordinary up, alone, and its key stays", async () => {
  const near = "database-dc1-platform-db1";
  const earlier = await outputs();
  const stack = await project.open(name);
  const state = await stack.exportStack();
  const { resources } = state.deployment as { resources: { urn: string; outputs?: Record<string, unknown> }[] };
  const certificate = resources.find(({ urn }) => urn.endsWith(`::${near}-certificate`));
  assert.ok(certificate?.outputs);
  certificate.outputs["validityEndTime"] = new Date(Date.now() + 30 * 24 * 3600 * 1000).toISOString();
  await stack.importStack(state);
  assert.deepEqual(
    (await up()).map(({ op, name }) => [op, name]),
    [["replace", `${near}-certificate`]],
  );
  const later = await outputs();
  const renewed = Object.keys(later.certificates).filter((each) => later.certificates[each] !== earlier.certificates[each]);
  assert.deepEqual(renewed, [near]);
  assert.deepEqual(later.privateKeys, earlier.privateKeys);
  assert.equal(await verify(pems(later.authorities.platform), [later.certificates[near] ?? ""]), undefined);
});

test("settings for new authorities leave those that exist as they are", async () => {
  const original = readFileSync(file, "utf8");
  writeFileSync(
    file,
    original.replace(
      "newAuthorities: { key: ecdsa-p384, lifetimeDays: 3650 }",
      "newAuthorities: { key: rsa-3072, lifetimeDays: 3000 }",
    ),
  );
  assert.notEqual(readFileSync(file, "utf8"), original);
  assert.deepEqual((await run("preview")).resources, []);
  writeFileSync(file, original);
});

test("an authority is rotated in three steps, each verified; a step that would break trust is refused and changes nothing", async () => {
  const first = await outputs();
  for (const list of ["[a2]", "[a2, a1]"]) {
    setAuthorities(list);
    await refused(/trust\.authorities: .* in three steps/);
  }
  const [a1 = ""] = pems(first.authorities.platform);
  const leaves = Object.keys(first.certificates);
  const platformLeaves = certificatesOf(topology).flatMap((each) => (each.signedBy === "platform" ? [each.name] : []));

  setAuthorities("[a1, a2]");
  await up();
  const second = await outputs();
  const both = pems(second.authorities.platform);
  assert.equal(both[0], a1);
  assert.equal(both.length, 2);
  assert.deepEqual(second.certificates, first.certificates);
  assert.deepEqual(second.privateKeys, first.privateKeys);

  setAuthorities("[a2, a1]");
  await up();
  const third = await outputs();
  assert.deepEqual(pems(third.authorities.platform), [...both].reverse());
  assert.deepEqual(
    leaves.filter((each) => third.certificates[each] === first.certificates[each]),
    [],
  );
  const [old, renewed] = [first, third].map(({ certificates }) => platformLeaves.map((each) => certificates[each] ?? ""));
  assert.equal(await verify(both, [...(old ?? []), ...(renewed ?? [])]), undefined);
  assert.match((await verify([a1], renewed ?? [])) ?? "", /unable to get local issuer/);

  setAuthorities("[a2]");
  await up();
  const last = await outputs();
  assert.deepEqual(pems(last.authorities.platform), [both[1]]);
  assert.deepEqual(last.certificates, third.certificates);
  assert.ok(!Object.keys(last.expiry).some((each) => each.endsWith("-a1")));
});

/** A root and an authority under it, as a company has them. */
async function companyAuthority(): Promise<{ readonly root: string; readonly certificate: string; readonly key: string }> {
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

test("the user's own authority takes over by the same steps; its certificates lead to the company's root", async () => {
  const company = await companyAuthority();
  const place = (text: string): void => writeFileSync(join(directory, "checkout", "environments", "company.pem"), text);
  const own = "{ name: corp, certificateFile: company.pem }";

  setAuthorities(`[a2, ${own}]`);
  await refused(/environments\/company\.pem: no such file/);
  place(company.certificate);
  await refused(/O=Company, CN=Company platform is not signed by the certificate after it/);
  place(`${company.certificate}${company.root}`);
  await up();
  setAuthorities(`[${own}, a2]`);
  await refused(/authority corp: its private key is not in the stack: .*tandem:authorityKey-corp/);
  const setKey = async (value: string): Promise<void> =>
    (await project.open(name)).setConfig("tandem:authorityKey-corp", { value, secret: true });
  await setKey((await outputs()).privateKeys["kubernetes-dc1"] ?? "");
  await refused(/tandem:authorityKey-corp of stack reference-trust: not the key of the authority's certificate/);
  await setKey(company.key);
  await up();

  const made = await outputs();
  const server = "kube-apiserver-dc1-platform-cp1";
  const [leaf = "", ...intermediates] = (made.certificates[server] ?? "").split(/(?<=-----END CERTIFICATE-----\n)/);
  assert.deepEqual(intermediates, [company.certificate]);
  const shown = ["-untrusted", write("intermediates.pem", intermediates.join(""))];
  assert.equal(await verify([company.root], [leaf], "-purpose", "sslserver", ...shown), undefined);
  assert.equal(
    made.expiry["platform-corp"],
    new X509Certificate(company.certificate).validToDate.toISOString().replace(".000Z", "Z"),
  );
  assert.deepEqual(filesWith(directory, company.key.split("\n").slice(1, 3)), [join(directory, "company-key.pem")]);
});
