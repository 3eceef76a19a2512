import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { Host } from "../../../../components/host/host.ts";
import { harborData, harborFile, harborPartNames } from "../../../../components/registry/harbor/harbor.render.ts";
import { HarborRegistry } from "../../../../components/registry/harbor/harbor-registry.ts";
import { harborParts } from "../../../../components/registry/harbor/parts.render.ts";
import type { Site } from "../../../../environments/model/topology.ts";
import { type DeclaredResource, filesOn, noAccess, runMocked } from "../../../support/mocked-program.ts";
import { realMachine } from "../../../support/real-machine.ts";
import { testCredentials } from "../../../support/test-credentials.ts";
import { harborOf, reference } from "./harbors.ts";

// What the component declares on a real machine. In a process of its own: mocks are the process's.

const [site] = reference.sites as [Site];
const harbor = harborOf(site);
const { host: place } = harbor;
const parts = harborParts(harbor);
const declared: DeclaredResource[] = [];
let service: HarborRegistry["service"] | undefined;
const password = (purpose: string) => `planted-${purpose}-0123456789abcdef`;

before(async () => {
  const directory = mkdtempSync(join(tmpdir(), "tandem-test-harbor-"));
  const register = async (resource: DeclaredResource): Promise<void> => void declared.push(resource);
  try {
    const credentials = testCredentials(reference, directory, (purpose) => pulumi.secret(password(purpose)));
    await runMocked({ stack: "reference-test", isPreview: true, register }, async () => {
      const host = new Host(place.name, { place, access: noAccess, machine: realMachine });
      service = new HarborRegistry("registry", { site, host, credentials, image: (name) => `image/${name}` }).service;
    });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});

const ofType = (type: string): DeclaredResource[] => declared.filter((one) => one.type === type);
const containers = (): DeclaredResource[] => ofType("docker:index/container:Container");
const container = (part: string): DeclaredResource["inputs"] =>
  containers().find(({ name }) => name === `harbor-${part}-${place.name}`)?.inputs ?? assert.fail(part);

test("one container a part, of its own image, in its host's network, as an account that is not root", () => {
  assert.deepEqual(
    containers()
      .map(({ inputs }) => inputs["image"])
      .sort(),
    harborPartNames.map((name) => `image/harbor-${name}`).sort(),
  );
  for (const { name, user, graceSeconds } of parts) {
    const inputs = container(name);
    assert.deepEqual(
      [inputs["name"], inputs["networkMode"], inputs["user"], inputs["destroyGraceSeconds"]],
      [`tandem-harbor-${name}`, "host", `${user}:900`, graceSeconds],
    );
    assert.deepEqual(inputs["capabilities"], { adds: [], drops: ["ALL"] });
    assert.ok((inputs["healthcheck"] as { tests: string[] }).tests.length > 1, name);
  }
  assert.equal(container("database")["stopSignal"], "SIGINT");
});

test("all data is on volumes, and each belongs to who writes there", () => {
  const stateful = ["database", "redis", "registry", "jobservice", "trivy"] as const;
  assert.deepEqual(
    ofType("docker:index/volume:Volume")
      .map(({ inputs }) => inputs["name"])
      .sort(),
    stateful.map((name) => `tandem-harbor-${name}-data`).sort(),
  );
  for (const { name, data } of parts) {
    const mounts = (container(name)["mounts"] as { type: string; source: string; target: string }[]).filter(
      ({ type }) => type === "volume",
    );
    const wanted = data === undefined ? [] : [[`tandem-harbor-${data}-data`, harborData(data)]];
    assert.deepEqual(
      mounts.map(({ source, target }) => [source, target]),
      wanted,
      name,
    );
  }
  for (const name of stateful) {
    const { user } = parts.find((part) => part.name === name) ?? assert.fail(name);
    const owner = declared.find((one) => one.name === `harbor-${name}-owner-${place.name}`);
    const chown = `chown ${user}:${user} "$(docker volume inspect --format '{{ .Mountpoint }}' tandem-harbor-${name}-data)"`;
    // Within what the host's account runs as root.
    assert.ok(String(owner?.inputs["create"]).replaceAll("'\\''", "'").includes(chown), name);
  }
});

test("what opens something is secret, in a file that the services' account reads, and nowhere else", () => {
  const files = filesOn(declared, place.name);
  for (const file of parts.flatMap((part) => part.files)) {
    const written = files.get(harborFile(file.name)) ?? assert.fail(file.name);
    const isSecret = "secret" in file;
    assert.equal(written.secrets.includes("stdin"), isSecret, file.name);
    assert.equal(String(written.inputs["create"]).includes("root:tandem-service"), isSecret, file.name);
  }
  for (const one of declared) {
    const open = Object.entries(one.inputs).filter(([key]) => !one.secrets.includes(key));
    assert.doesNotMatch(JSON.stringify(open), /planted-|PRIVATE KEY/, one.name);
  }
  for (const one of containers()) assert.deepEqual(one.secrets, [], one.name);
  assert.deepEqual(container("database")["envs"], [`BASH_ENV=${harborFile("database.bash")}`]);
  for (const name of harborPartNames.filter((each) => each !== "database"))
    assert.equal(container(name)["envs"], undefined, name);
});

test("each password is used where it is meant", () => {
  const content = (name: string): string => String(filesOn(declared, place.name).get(harborFile(name))?.inputs["stdin"]);
  assert.match(
    content("core.secrets"),
    new RegExp(`^HARBOR_ADMIN_PASSWORD='${password("registry-harbor-administrator")}'$`, "m"),
  );
  assert.equal(content("database.password"), `${password("registry-harbor-database")}\n`);
  assert.equal(content("registry.accounts"), `harbor_registry_user:${password("registry-harbor-storage-bcrypt")}\n`);
  assert.equal(content("front.accounts"), `monitoring:{PLAIN}${password("registry-monitoring")}\n`);
  assert.equal(content("core.key"), password("registry-harbor-encryption").slice(0, 16));
  assert.match(content("core.token.pem"), /^-----BEGIN RSA PRIVATE KEY-----\n/);
  assert.match(content("front.pem"), /^-----BEGIN CERTIFICATE-----[\s\S]*PRIVATE KEY-----\n$/);
});

test("a container is replaced when what it read at its start changes: another part's file too", () => {
  const digests = (part: string): number => {
    const labels = container(part)["labels"] as { label: string; value: string }[];
    const configuration = labels.find(({ label }) => label.endsWith("configuration"))?.value ?? "";
    return configuration.split(",").filter((digest) => /^[0-9a-f]{64}$/.test(digest)).length;
  };
  for (const { name, files, reads } of parts) assert.equal(digests(name), files.length + reads.length, name);
  const [registryctl, core] = ["registryctl", "core"].map((name) => parts.find((part) => part.name === name));
  assert.deepEqual([registryctl?.reads, core?.reads], [["registry.yml"], ["authorities.crt"]]);
});

test("what starts in a part's container finds all files that it copies, in directories that are there", () => {
  for (const { name, files, reads, memory } of parts)
    for (const file of files.filter((each) => each.name.endsWith(".start"))) {
      const text = "content" in file ? file.content : "";
      const known = [...files.map((each) => each.name), ...reads].map(harborFile);
      for (const [, from = "", to = ""] of text.matchAll(/^cp (\S+) (\S+)$/gm)) {
        assert.ok(known.includes(from), `${name}: ${from}`);
        assert.ok(
          memory.some((directory) => to.startsWith(`${directory}/`)),
          `${name}: ${to}`,
        );
      }
      for (const [, sourced = ""] of text.matchAll(/^\. (\S+)$/gm)) assert.ok(known.includes(sourced), `${name}: ${sourced}`);
      assert.deepEqual(
        container(name)["tmpfs"] ?? {},
        Object.fromEntries(memory.map((path) => [path, "uid=10000,gid=900,mode=0700"])),
      );
    }
});

test("balancers find it where its front is, by Harbor's own word", () => {
  assert.deepEqual(service, {
    port: 443,
    servers: [{ name: place.name, address: place.addresses.management, port: 443 }],
    check: { scheme: "https", path: "/api/v2.0/ping" },
    serves: "all",
  });
});
