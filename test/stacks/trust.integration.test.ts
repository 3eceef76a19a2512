import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import {
  certificatesOf,
  hashedPasswordsOf,
  hashName,
  passwordsOf,
  signingKeysOf,
} from "../../environments/model/certificates.ts";
import { filesWith } from "../support/lab.ts";
import { needlesOf, secretsIn } from "../support/needles.ts";
import {
  directory,
  exported,
  file,
  name,
  outputs,
  pems,
  project,
  refusedWith,
  run,
  said,
  topology,
  up,
  verify,
} from "./trust-session.ts";

// The trust stack of the reference platform by the real engine, judged by OpenSSL; one state for all tests, in this order.

test("the program itself refuses real machines with a state in one person's home, and names that are no stack's", async () => {
  await refusedWith({ XDG_STATE_HOME: directory, TANDEM_ALLOW: "portable-plugins" }, name, /state: .* lies in one person's home/);
  const env = { TANDEM_ALLOW: "portable-plugins,default-backend" };
  await refusedWith(env, "reference-dc3", /no such stack; platform reference has .*reference-trust, .*reference-dc2-office/);
  await refusedWith(env, "nope-dc1", /no platform "nope"; allowed are lab, reference/);
});

test("every certificate of the list is made, and OpenSSL finds its chain, uses, names and addresses in order", async () => {
  await up();
  const made = await outputs();
  const wanted = certificatesOf(topology);
  assert.deepEqual(Object.keys(made.certificates).sort(), wanted.map((each) => each.name).sort());
  const hashed = hashedPasswordsOf(topology);
  assert.deepEqual(Object.keys(made.passwords).sort(), [...passwordsOf(topology), ...hashed.map(hashName)].sort());
  // What Harbor takes as a robot's secret.
  for (const each of passwordsOf(topology))
    assert.match(made.passwords[each] ?? "", /^(?=.*[a-z])(?=.*[A-Z])(?=.*[0-9])[A-Za-z0-9]{32}$/, each);
  assert.equal(hashed.length, 1);
  for (const each of hashed) {
    const env = { PASSWORD: made.passwords[each], HASH: made.passwords[hashName(each)] };
    assert.match(env.HASH ?? "", /^\$2[aby]\$10\$/);
    assert.equal(execFileSync("perl", ["-e", "print crypt($ENV{PASSWORD}, $ENV{HASH})"], { env, encoding: "utf8" }), env.HASH);
  }
  // In the one form that Harbor reads.
  for (const each of signingKeysOf(topology)) assert.match(made.privateKeys[each] ?? "", /^-----BEGIN RSA PRIVATE KEY-----/);
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

test("a preview warns of an exception that is over", async () => {
  const text = readFileSync(file, "utf8");
  writeFileSync(file, text.replaceAll(/expires: \S+/g, "expires: 2026-01-31"));
  try {
    await run("preview");
    assert.match(said, /flow portal-quotes: its exception is over since 2026-01-31/);
  } finally {
    writeFileSync(file, text);
  }
});

test("keys and passwords are in nothing that the engine prints and in no file, the state included", async () => {
  const made = await outputs();
  const secrets = secretsIn(await exported());
  // Each service's key, and those of the authorities and for tokens, which no output has.
  const given = new Set(Object.values(made.privateKeys));
  assert.ok(
    secrets.keys.filter((key) => given.has(key)).length > 50 && secrets.keys.filter((key) => !given.has(key)).length > 50,
  );
  const { passwords } = made;
  assert.deepEqual(
    secrets.passwords.toSorted(),
    passwordsOf(topology)
      .map((each) => passwords[each])
      .toSorted(),
  );
  const needles = [...needlesOf(secrets), ...hashedPasswordsOf(topology).map((each) => passwords[hashName(each)] ?? "")];
  await run("preview");
  assert.ok(said.includes("kube-apiserver-dc1-platform-cp1-certificate"));
  assert.deepEqual(
    needles.filter((needle) => said.includes(needle)),
    [],
  );
  assert.deepEqual(filesWith(directory, needles), []);
  const plain = await outputs([]);
  assert.deepEqual([plain.expiry, plain.privateKeys, plain.passwords], [made.expiry, "[secret]", "[secret]"]);
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
