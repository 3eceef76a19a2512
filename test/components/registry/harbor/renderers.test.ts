import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { renderHostRules } from "../../../../components/network/host-rules.render.ts";
import { harborPartNames, memoryMibOfPart, renderEnvironment } from "../../../../components/registry/harbor/harbor.render.ts";
import { harborParts } from "../../../../components/registry/harbor/parts.render.ts";
import { platformOf } from "../../../../environments/model/flows/party.ts";
import { flowTable } from "../../../../environments/model/flows/table.ts";
import { harborPorts, openHarborPorts, platformPorts } from "../../../../environments/model/ports.ts";
import type { Site } from "../../../../environments/model/topology.ts";
import { matchesGolden } from "../../../support/golden.ts";
import { harborOf, plantedSecrets, reference, renderedFiles } from "./harbors.ts";

const [active, standby] = reference.sites as [Site, Site];

test("what Harbor's parts read at the active site is as in the golden files", () => {
  for (const { name, text, isSecret } of renderedFiles(active))
    matchesGolden(text, join(import.meta.dirname, "golden", isSecret ? "secret" : "public", name));
});

test("the standby site's Harbor differs in its address and its name alone", () => {
  const others = new Map(renderedFiles(standby).map(({ name, text }) => [name, text.split("\n")]));
  const differences = renderedFiles(active).flatMap(({ name, text }) =>
    text.split("\n").flatMap((line, index) => {
      const other = others.get(name)?.[index];
      return line === other ? [] : [[name, line.trim(), other?.trim()]];
    }),
  );
  const [here, there] = [harborOf(active), harborOf(standby)];
  assert.deepEqual(differences, [
    ["core.env", `EXT_ENDPOINT='${here.url}'`, `EXT_ENDPOINT='${there.url}'`],
    ["front.conf", `listen ${here.host.addresses.management}:443 ssl;`, `listen ${there.host.addresses.management}:443 ssl;`],
  ]);
  assert.match(here.url, /^https:\/\/registry\.platform\.dc1\./);
});

test("no secret is in what everybody may read: files, commands, environments, health checks", () => {
  const parts = harborParts(harborOf(active));
  const open = [
    ...renderedFiles(active)
      .filter(({ isSecret }) => !isSecret)
      .map(({ name, text }) => [name, text] as const),
    ...parts.map(({ name, command, environment, health }) => [name, JSON.stringify([command, environment, health])] as const),
  ];
  const needles = Object.values(plantedSecrets).map((secret) => secret.trim().slice(0, 15));
  assert.equal(new Set(needles).size, Object.keys(plantedSecrets).length);
  for (const [name, text] of open) for (const needle of needles) assert.ok(!text.includes(needle), `${name}: ${needle}`);
  const secret = renderedFiles(active).filter(({ isSecret }) => isSecret);
  for (const needle of needles)
    assert.ok(
      secret.some(({ text }) => text.includes(needle)),
      `nobody reads ${needle}`,
    );
  for (const { name, text } of secret)
    assert.ok(
      needles.some((needle) => text.includes(needle)),
      `${name} is secret without need`,
    );
});

test("no password that the product or its installer comes with is anywhere", () => {
  for (const { name, text } of renderedFiles(active))
    assert.doesNotMatch(text, /Harbor12345|not-a-secure-key|root123|placeholder/, name);
});

test("Harbor's secrets have the lengths that it takes", () => {
  const text = (name: string): string => renderedFiles(active).find((file) => file.name === name)?.text ?? "";
  assert.equal(text("core.key").length, 16);
  assert.match(text("core.secrets"), /^CSRF_KEY='[A-Za-z0-9]{32}'$/m);
});

test("all of a registry host's ports are distinct, and what can be told to listens on loopback", () => {
  const listening = [...Object.values(harborPorts), ...Object.values(openHarborPorts), ...Object.values(platformPorts), 22];
  assert.equal(new Set(listening).size, listening.length);
  const text = (name: string): string => renderedFiles(active).find((file) => file.name === name)?.text ?? "";
  assert.match(text("portal.conf"), new RegExp(`^ +listen 127\\.0\\.0\\.1:${harborPorts.portal};$`, "m"));
  assert.match(text("core.conf"), new RegExp(`^httpaddr = 127\\.0\\.0\\.1\nhttpport = ${harborPorts.core}$`, "m"));
  assert.match(text("registry.yml"), new RegExp(`^  addr: 127\\.0\\.0\\.1:${harborPorts.registry}$`, "m"));
  assert.match(text("registry.yml"), new RegExp(`^    addr: 127\\.0\\.0\\.1:${harborPorts.registryMetrics}$`, "m"));
  assert.match(text("database.bash"), new RegExp(`-c listen_addresses=127\\.0\\.0\\.1 -c port=${harborPorts.database} `));
  assert.match(text("redis.conf"), new RegExp(`^bind 127\\.0\\.0\\.1\nport ${harborPorts.redis}$`, "m"));
  assert.match(text("trivy.env"), new RegExp(`^SCANNER_API_SERVER_ADDR='127\\.0\\.0\\.1:${harborPorts.trivy}'$`, "m"));
  assert.deepEqual(
    [...text("front.conf").matchAll(/^ +listen (\S+)/gm)].map(([, address]) => address),
    [`${harborOf(active).host.addresses.management}:${platformPorts.registry}`],
  );
});

for (const site of reference.sites)
  test(`${site.name}: the registry host's packet filter lets nobody in to Harbor's own ports`, () => {
    const zone = platformOf(site);
    const { host } = harborOf(site);
    const received = flowTable(reference).filter(({ to }) => to.hosts.includes(host.name));
    const devices = { business: "b0", management: "m0", storage: "s0" };
    const rules = renderHostRules(reference, zone, host, devices, received);
    assert.match(rules, /policy drop/);
    const open = [...rules.matchAll(/dport (?:\{([^}]*)\}|(\d+))/g)].flatMap(([, many, one]) => (many ?? one ?? "").split(","));
    const ports = open.map((port) => Number(port.trim()));
    assert.ok(ports.includes(platformPorts.registry));
    for (const port of [...Object.values(harborPorts), ...Object.values(openHarborPorts)])
      assert.ok(!ports.includes(port), `${port}`);
  });

test("the front passes on what Harbor's own does, metrics for who has a password, and nothing else", () => {
  const text = renderedFiles(active).find(({ name }) => name === "front.conf")?.text ?? "";
  const locations = [...text.matchAll(/^ +location (.+?) \{ ?(\S+ \S+;)?/gm)].map(([, path, does]) => [path, does]);
  assert.deepEqual(locations, [
    ["/api/", "proxy_pass http://core;"],
    ["/c/", "proxy_pass http://core;"],
    ["/service/", "proxy_pass http://core;"],
    ["/v2/", "proxy_pass http://core;"],
    ["/", "proxy_pass http://portal;"],
    ["/service/notifications", "return 404;"],
    ["/v1/", "return 404;"],
    ["= /metrics", undefined],
    ["= /metrics/registry", undefined],
  ]);
  assert.equal([...text.matchAll(/auth_basic_user_file /g)].length, 2);
});

test("Trivy downloads nothing", () => {
  const text = renderedFiles(active).find(({ name }) => name === "trivy.env")?.text ?? "";
  for (const setting of ["OFFLINE_SCAN", "SKIP_UPDATE", "SKIP_JAVA_DB_UPDATE"])
    assert.match(text, new RegExp(`^SCANNER_TRIVY_${setting}='true'$`, "m"));
});

test("its parts start after those that they need, and leave memory to their host", () => {
  const site = harborOf(active);
  const parts = harborParts(site);
  for (const { name, after } of parts)
    for (const other of after)
      assert.ok(harborPartNames.indexOf(other) < harborPartNames.indexOf(name), `${name} after ${other}`);
  const used = parts.reduce((sum, part) => sum + memoryMibOfPart(site, part), 0);
  assert.ok(used < site.host.size.memoryGib * 1024 * 0.95, `${used} MiB`);
  assert.equal(memoryMibOfPart(site, { memoryShare: 0.5 }), 16384);
});

test("what a shell reads is exactly what was meant", () => {
  assert.match(renderEnvironment({ B: "a b$c'd", A: 1 }), /^A='1'\nB='a b\$c'\\''d'$/m);
});
