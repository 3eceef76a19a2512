import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { declaredHarbor } from "../../../../environments/model/harbor.ts";
import { loadEnvironment } from "../../../../environments/model/load.ts";
import { registryAccounts } from "../../../../environments/model/registry.ts";
import type { Site } from "../../../../environments/model/topology.ts";
import { topologyOf } from "../../../../environments/model/topology-of.ts";
import { HarborClient } from "../../../../scripts/registry/harbor/client.ts";
import { converge } from "../../../../scripts/registry/harbor/convergence.ts";
import { StandIn } from "./stand-in.ts";

const topology = topologyOf(loadEnvironment("reference"));
const [active, standby] = topology.sites as [Site, Site];
const passwords = Object.fromEntries(registryAccounts(topology).map(({ name }) => [name, `Password-1-of-${name}`]));
const zones = [...new Set(topology.sites.flatMap(({ zones: each }) => each.map(({ name }) => name)))];

let harbor: StandIn;
let url: string;
let client: HarborClient;
beforeEach(async () => {
  harbor = new StandIn();
  url = await harbor.start();
  client = new HarborClient({ url, account: "admin", password: harbor.admin });
});
afterEach(async () => {
  await harbor.stop();
  assert.deepEqual(harbor.unknown, [], "requests that Harbor does not know");
});

const made = (site: Site, apply = true): Promise<string[]> =>
  converge(client, declaredHarbor(topology, site), { passwords, now: harbor.now, apply });

const named = (items: readonly Record<string, unknown>[], name: string): Record<string, unknown> => {
  const found = items.find((item) => item["name"] === name);
  assert.ok(found, name);
  return found;
};

test("an empty Harbor becomes what is declared, and a second run finds nothing to do and changes nothing", async () => {
  const said = await made(active);
  assert.deepEqual(harbor.projects.map(({ name }) => name).toSorted(), ["library", ...zones].toSorted());
  assert.equal(harbor.robots.length, registryAccounts(topology).length);
  assert.deepEqual(
    harbor.policies.map(({ name, enabled, override, speed }) => [name, enabled, override, speed]),
    [
      ["tandem-events", true, false, 390_625],
      ["tandem-all", true, false, 390_625],
    ],
  );
  assert.ok(said.includes("account pull-policy: missing") && said.includes("destination dc2: missing"), said.join("\n"));
  harbor.changes.splice(0);
  assert.deepEqual(await made(active), []);
  assert.deepEqual(harbor.changes, []);
});

test("each account logs in with the trust stack's password", async () => {
  await made(active);
  for (const [account, password] of Object.entries(passwords)) {
    assert.equal(await client.canLogIn(`robot$${account}`, password), true, account);
    assert.equal(await client.canLogIn(`robot$${account}`, "Made-up-by-Harbor-1"), false, account);
  }
});

test("what is only asked for changes nothing", async () => {
  const said = await made(active, false);
  assert.deepEqual(harbor.changes, []);
  assert.ok(said.includes("project policy: missing") && said.includes("account push-policy: missing"), said.join("\n"));
});

test("whatever a person changed is said, and mended", async () => {
  await made(active);
  const project = named(harbor.projects, "policy");
  const ofProject = (items: readonly Record<string, unknown>[], path: string, value: unknown): Record<string, unknown> => {
    const found = items.find((item) => (item[path] as Record<string, unknown> | undefined)?.["ref"] === value);
    assert.ok(found, path);
    return found;
  };
  const quota = harbor.quotas.find(({ ref }) => (ref as { readonly name: string }).name === "policy") ?? {};
  const account = named(harbor.robots, "robot$pull-policy");
  const everywhere = { kind: "project", namespace: "*", access: [{ resource: "repository", action: "pull" }] };
  const cases: readonly [by: string, item: object, values: object, said: string][] = [
    [
      "a setting",
      harbor.configuration,
      { self_registration: { value: true, editable: true } },
      "setting self_registration: true instead of false",
    ],
    [
      "a project",
      project,
      { metadata: { ...(project["metadata"] as object), public: "true", severity: "low" } },
      "project policy: public true instead of false, severity low instead of critical",
    ],
    ["its quota", quota, { hard: { storage: -1 } }, "project policy: quota none instead of 500 GiB"],
    [
      "its retention",
      ofProject(harbor.retentions, "scope", project["id"]),
      { algorithm: "and" },
      "project policy: another retention than declared",
    ],
    ["an account", account, { disable: true }, "account pull-policy: is disabled"],
    ["its rights", account, { permissions: [everywhere] }, "account pull-policy: has other rights than declared"],
    ["its end", account, { expires_at: -1 }, "account pull-policy: does not end in time"],
    ["its password", account, { secret: "By-a-person-1" }, "account pull-policy: another password than the trust stack's"],
    ["the destination", named(harbor.registries, "dc2"), { insecure: true }, "destination dc2: otherwise than declared"],
    ["replication, off", named(harbor.policies, "tandem-all"), { enabled: false }, "replication tandem-all: off"],
    [
      "its filters",
      named(harbor.policies, "tandem-events"),
      { filters: [{ type: "name", value: "policy/**" }] },
      "replication tandem-events: otherwise than declared",
    ],
    [
      "its deletions",
      named(harbor.policies, "tandem-events"),
      { replicate_deletion: true },
      "replication tandem-events: otherwise than declared",
    ],
  ];
  for (const [by, item, values, said] of cases) {
    Object.assign(item, values);
    assert.deepEqual(await made(active, false), [said], by);
    assert.deepEqual(await made(active), [said], by);
    assert.deepEqual(await made(active), [], by);
  }
});

test("tags are immutable as declared, and no others", async () => {
  await made(active);
  const [rule] = harbor.immutable;
  assert.ok(rule);
  harbor.immutable.splice(0, 1, {
    ...rule,
    id: 7,
    tag_selectors: [{ kind: "doublestar", decoration: "matches", pattern: "**" }],
  });
  const said = await made(active);
  assert.equal(said.length, 2, said.join("\n"));
  assert.match(said[0] ?? "", /^project [a-z]+: tags \[0-9\]\* can be pushed again$/);
  assert.match(said[1] ?? "", /^project [a-z]+: tags \*\* are immutable, which is not declared$/);
  assert.deepEqual(await made(active), []);
});

test("replication by another policy ends, also by one that fetches, and all else of it stays", async () => {
  await made(active);
  const byHand = {
    ...{ id: 7, name: "by-hand", description: "A person's", enabled: true, src_registry: { id: 3 }, dest_namespace: "policy" },
    ...{
      trigger: { type: "manual" },
      filters: [{ type: "label", value: ["released"], decoration: "matches" }],
    },
  };
  harbor.policies.push({ ...byHand });
  assert.deepEqual(await made(active), ["replication by-hand: on, which is not declared"]);
  const { src_registry, dest_namespace, description, filters, enabled } = named(harbor.policies, "by-hand");
  assert.deepEqual(
    { src_registry, dest_namespace, description, filters, enabled },
    {
      ...{ src_registry: byHand.src_registry, dest_namespace: byHand.dest_namespace, description: byHand.description },
      ...{ filters: byHand.filters, enabled: false },
    },
  );
  assert.deepEqual(await made(active), []);
});

test("an account is renewed before it ends, and after", async () => {
  await made(active);
  const day = (number: number): Date => new Date(Date.parse("2026-06-01T00:00:00Z") + number * 24 * 3600 * 1000);
  harbor.now = day(304);
  assert.deepEqual(await made(active), []);
  harbor.now = day(306);
  const said = await made(active);
  assert.equal(said.length, registryAccounts(topology).length);
  assert.ok(said.includes("account pull-policy: ends in 59 days"), said.join("\n"));
  assert.deepEqual(await made(active), []);
  harbor.now = day(900);
  assert.equal(await client.canLogIn("robot$pull-policy", passwords["pull-policy"] ?? ""), false);
  assert.ok((await made(active)).includes("account pull-policy: has ended"));
  assert.equal(await client.canLogIn("robot$pull-policy", passwords["pull-policy"] ?? ""), true);
});

test("a site that becomes the standby ends its replication before anything else, and keeps the rest", async () => {
  await made(active);
  harbor.changes.splice(0);
  harbor.configuration["self_registration"] = { value: true, editable: true };
  const said = await made(standby);
  assert.deepEqual(said, [
    "replication tandem-events: on, which is not declared",
    "replication tandem-all: on, which is not declared",
    "setting self_registration: true instead of false",
    "destination dc1: missing",
  ]);
  assert.deepEqual(harbor.changes, [
    ...["updateReplicationPolicy", "updateReplicationPolicy"],
    ...["updateConfigurations", "createRegistry"],
  ]);
  assert.deepEqual(
    harbor.policies.map(({ enabled }) => enabled),
    [false, false],
  );
});

test("a site whose other one is gone becomes what else is declared, and replicates as soon as the other one answers", async () => {
  harbor.refusesDestinations = true;
  await made(active);
  assert.deepEqual(harbor.policies, []);
  assert.deepEqual(await made(active), ["destination dc2: missing"]);
  harbor.refusesDestinations = false;
  assert.deepEqual(await made(active), [
    "destination dc2: missing",
    "replication tandem-events: missing",
    "replication tandem-all: missing",
  ]);
  const [destination] = harbor.registries;
  assert.equal(destination?.["url"], "https://registry.platform.dc2.reference.tandem.internal");
  Object.assign(destination ?? {}, { status: "unhealthy" });
  harbor.refusesDestinations = true;
  assert.deepEqual(await made(active), ["destination dc2: can't be reached, or logged in to"]);
  harbor.refusesDestinations = false;
  await made(active);
  assert.deepEqual(await made(active), []);
});

test("more accounts than a page has are all seen", async () => {
  for (let id = 1000; id < 1250; id++)
    harbor.robots.push({ id, name: `robot$other-${id}`, duration: -1, expires_at: -1, creation_time: harbor.now.toISOString() });
  await made(active);
  harbor.changes.splice(0);
  assert.deepEqual(await made(active), []);
});

test("what Harbor refuses is told with its words, and without a password", async () => {
  const stranger = new HarborClient({ url, account: "admin", password: "Not-the-password-1" });
  await assert.rejects(stranger.projects(), (error: Error) => {
    assert.match(
      error.message,
      /^GET http:.*\/api\/v2\.0\/projects\?page=1&page_size=100: HTTP status 401: UNAUTHORIZED: unauthorized$/,
    );
    return !error.message.includes("Not-the-password-1");
  });
});
