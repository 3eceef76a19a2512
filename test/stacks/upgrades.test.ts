import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { loadEnvironment } from "../../environments/model/load.ts";
import { topologyOf } from "../../environments/model/topology-of.ts";
import { comparedVersions, upgradeRule, versionOf } from "../../environments/model/upgrades.ts";
import { upgradeProblems } from "../../stacks/upgrades.ts";

const topology = topologyOf(loadEnvironment("reference"));
const today = "2026-12-01";
const image = (name: string, version: string) =>
  `registry.reference.tandem.internal/platform/${name}:${version}@sha256:${"a".repeat(64)}`;

/** What is said of one image that goes from one version to another. */
const problems = (name: string, from: string, to: string, more: Partial<typeof topology> = {}) =>
  upgradeProblems(
    { [name]: image(name, from) },
    { ...topology, images: { ...topology.images, [name]: image(name, to) }, ...more },
    today,
  );

describe("the version in an image's name", () => {
  it("is its tag's", () => {
    assert.deepEqual(versionOf(image("haproxy", "3.0.11")).numbers, [3, 0, 11]);
    assert.deepEqual(versionOf("registry:5000/a/b:v2.13.2").numbers, [2, 13, 2]);
    assert.deepEqual(versionOf("tandem/haproxy:lab").numbers, []);
    assert.deepEqual(versionOf("registry:5000/a/b").numbers, []);
    assert.deepEqual(versionOf(`registry:5000/a/b@sha256:${"9".repeat(64)}`), { text: "", numbers: [] });
  });

  it("is compared by its numbers", () => {
    assert.ok(comparedVersions([3, 0, 9], [3, 0, 11]) < 0);
    assert.ok(comparedVersions([3, 1], [3, 0, 11]) > 0);
    assert.equal(comparedVersions([3, 0], [3, 0, 0]), 0);
  });
});

describe("an image that follows another", () => {
  it("may be as new or newer", () => {
    assert.deepEqual(problems("haproxy", "3.0.11", "3.0.11"), []);
    assert.deepEqual(problems("haproxy", "3.0.11", "3.2.0"), []);
    assert.deepEqual(problems("harbor-core", "v2.13.2", "v2.14.0"), []);
  });

  it("may not go back", () => {
    assert.deepEqual(problems("haproxy", "3.0.11", "3.0.9"), [
      "environments/reference.yaml: images.haproxy: goes back: what the newer one has written, the older one may not read; given 3.0.9; " +
        "allowed 3.0.11, which runs, or newer; fix: go forward, or restore a backup of before; or have it excused: exceptions, rule image-must-not-go-back, resource haproxy",
    ]);
  });

  it("may go back with an exception, until its last day", () => {
    const excused = (expires: string) => [
      { name: "back", rule: upgradeRule, resource: "haproxy", owner: "Network team", reason: "It drops connections", expires },
    ];
    assert.deepEqual(problems("haproxy", "3.0.11", "3.0.9", { exceptions: excused(today) }), []);
    assert.equal(problems("haproxy", "3.0.11", "3.0.9", { exceptions: excused("2026-11-30") }).length, 1);
    assert.equal(problems("keepalived", "2.3.4", "2.3.3", { exceptions: excused(today) }).length, 1);
  });

  it("of a database goes through all series", () => {
    assert.deepEqual(problems("database", "8.0.42", "8.0.43"), []);
    assert.deepEqual(problems("database", "8.0.42", "8.4.5"), []);
    assert.match(
      problems("database", "8.0.42", "9.7.2")[0] ?? "",
      /skips none; given 9\.7\.2; allowed 8\.0, which runs, or 8\.4; fix: .*5\.7, 8\.0, 8\.4, 9\.7/,
    );
    assert.match(problems("database", "8.0.42", "8.1.0")[0] ?? "", /allowed 8\.0, which runs, or 8\.4/);
    assert.match(problems("database", "8.2.0", "8.4.5")[0] ?? "", /allowed 8\.2, which runs; fix/);
    const galera = { flavors: { ...topology.flavors, database: "mariadb-galera" as const } };
    assert.deepEqual(problems("database", "10.11.8", "11.4.2", galera), []);
    assert.match(problems("database", "10.11.8", "11.8.3", galera)[0] ?? "", /allowed 10\.11, which runs, or 11\.4/);
  });

  it("is not judged where nothing was recorded, or has no version", () => {
    assert.deepEqual(upgradeProblems({}, topology, today), []);
    assert.deepEqual(problems("haproxy", "lab", "3.0.9"), []);
    assert.deepEqual(upgradeProblems({ "no-longer-there": image("x", "9.9.9") }, topology, today), []);
  });
});
