import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parseNetwork } from "../../environments/model/addresses.ts";
import { jsonSchemaText } from "../../environments/model/json-schema.ts";
import { labNames, labSlots, relocate } from "../../environments/model/lab.ts";
import { checkEnvironmentFile, environmentsDirectory, loadEnvironment, platforms } from "../../environments/model/load.ts";
import { readEnvironment } from "../../environments/model/read-environment.ts";
import { stacksOf } from "../../environments/model/stack-names.ts";
import { timingsOf } from "../../environments/model/timings.ts";
import { availabilityModes, hostRoles, type Topology } from "../../environments/model/topology.ts";
import { topologyOf } from "../../environments/model/topology-of.ts";
import { edited, platformText, problemsOf } from "./broken.ts";

const hostsOf = ({ sites }: Topology) => sites.flatMap(({ zones }) => zones.flatMap(({ hosts }) => hosts));

test("every platform's file is sound, also to the day on which its exceptions expire", () => {
  assert.deepEqual(platforms(), ["lab", "reference"]);
  for (const platform of platforms()) assert.equal(checkEnvironmentFile(platform, "2026-11-21").platform, platform);
});

test("an expired exception is refused by a check and does not stop a run", () => {
  assert.throws(
    () => checkEnvironmentFile("lab", "2028-01-01"),
    /portal-quotes\.exception\.expires: the exception has expired; given 2027-12-31/,
  );
  assert.equal(loadEnvironment("lab").platform, "lab");
});

test("a platform is called like its file", () => {
  assert.deepEqual(problemsOf(platformText("lab"), { platform: "demo" }), [
    "platform: not the file's name; given lab; allowed demo; fix: rename one of them",
  ]);
});

test("problems are reported in the file's order, with file, line and column", () => {
  const text = platformText("lab")
    .replace("availability: fast", "availability: fats")
    .replace("10.77.150.0/27", "10.77.150.5/27");
  const at = (found: string): string => {
    const index = text.indexOf(found);
    return `x.yaml:${text.slice(0, index).split("\n").length}:${index - text.lastIndexOf("\n", index)}`;
  };
  const lines = [
    `${at("availability: fats")}  availability: not a value that can be used here; given fats; allowed fast, norm, safe; fix: did you mean fast?`,
    `${at("cidr: 10.77.150.5/27")}  sites.dc1.zones.office.planes.business.cidr: host bits are set; given 10.77.150.5/27; allowed a network's own address; fix: the network that it lies in is 10.77.150.0/27`,
    "x.yaml: 2 problems; nothing was changed",
  ];
  assert.throws(() => readEnvironment(text, "x.yaml"), { name: "EnvironmentError", message: lines.join("\n") });
});

test("hosts are in the order of their names, whichever order the file has", () => {
  const inOtherOrder = platformText("reference").replaceAll(/(\w+: r\d), (\w+: r\d)/g, "$2, $1");
  assert.ok(inOtherOrder.includes("{ db2: r2, db1: r1, db3: r3 }"));
  const { sites } = topologyOf(loadEnvironment("reference"));
  assert.deepEqual(topologyOf(readEnvironment(inOtherOrder, "reference.yaml")).sites, sites);
});

test("a file that is not there is answered with the platforms that are", () => {
  assert.throws(() => loadEnvironment("nope"), {
    name: "EnvironmentError",
    message: /nope\.yaml:1:1 {2}the file: cannot be read: .*allowed a platform \(lab, reference\)/,
  });
});

test("both platforms have two sites, four business zones and all roles, on both sites", () => {
  for (const platform of platforms()) {
    const topology = topologyOf(loadEnvironment(platform));
    assert.deepEqual(
      topology.sites.map(({ name, role }) => `${name} ${role}`),
      ["dc1 active", "dc2 standby"],
    );
    for (const { zones } of topology.sites) {
      assert.deepEqual(
        zones.map(({ name }) => name),
        ["platform", "internet", "partner", "policy", "office"],
      );
      assert.deepEqual([...new Set(zones.flatMap(({ hosts }) => hosts.map(({ role }) => role)))].sort(), [...hostRoles].sort());
    }
  }
});

test("a host has its name, address plan and domain", () => {
  const host = hostsOf(topologyOf(loadEnvironment("lab"))).find(({ name }) => name === "dc1-platform-db1");
  assert.deepEqual(host, {
    inService: true,
    name: "dc1-platform-db1",
    shortName: "db1",
    site: "dc1",
    zone: "platform",
    role: "database",
    rack: "r1",
    size: { cpus: 1, memoryGib: 0.5, diskGib: 2 },
    addresses: { business: "10.77.110.15", management: "10.77.111.15", storage: "10.77.112.15" },
    fqdn: "db1.platform.dc1.lab.tandem.internal",
  });
});

test("an address of its own replaces the plan's, and moves no other host", () => {
  const text = edited("lab", (e) =>
    e.set("sites dc1 zones platform hosts worker wk1", { rack: "r1", addresses: { storage: "10.77.112.30" } }),
  );
  assert.deepEqual(problemsOf(text), []);
});

test("stacks come in deployment order: what all share, then the standby site, then the active one", () => {
  const names = stacksOf(topologyOf(loadEnvironment("reference"))).map(({ name }) => name.replace("reference-", ""));
  assert.deepEqual(names, [
    "trust",
    ...["dc2-platform", "dc2", "dc2-internet", "dc2-partner", "dc2-policy", "dc2-office", "dc2-services"],
    ...["dc1-platform", "dc1", "dc1-internet", "dc1-partner", "dc1-policy", "dc1-office", "dc1-services"],
  ]);
  assert.equal(stacksOf(topologyOf(loadEnvironment("lab")))[0]?.name, "lab-machines");
});

test("a stack comes after every stack that it needs", () => {
  for (const platform of platforms()) {
    const stacks = stacksOf(topologyOf(loadEnvironment(platform)));
    for (const { after, order } of stacks) {
      for (const name of after)
        assert.ok((stacks.find((stack) => stack.name === name)?.order ?? Number.POSITIVE_INFINITY) < order, name);
    }
  }
});

test("a lab in another slot has the same hosts, and shares no address with the first", () => {
  const [first, second] = [0, labSlots - 1].map((slot) => topologyOf(relocate(loadEnvironment("lab"), slot)));
  assert.ok(first && second);
  const addresses = (topology: Topology): string[] => hostsOf(topology).flatMap((host) => Object.values(host.addresses));
  assert.deepEqual(
    hostsOf(first).map(({ name }) => name),
    hostsOf(second).map(({ name }) => name),
  );
  assert.deepEqual(
    addresses(second),
    addresses(first).map((address) => address.replace(/^10\.77\./, "10.176.")),
  );
  const rest = JSON.stringify(second);
  assert.ok(!rest.includes("10.77."), "nothing of the home range is left");
  assert.equal(parseNetwork(second.sites[0]?.core.cidr ?? "")?.prefixLength, 26);
  assert.throws(() => relocate(loadEnvironment("lab"), labSlots), /slot 100: a whole number from 0 to 99/);
  assert.throws(() => relocate(loadEnvironment("reference"), 1), /only a lab can be relocated/);
});

test("when roles change, all but the roles and the sites' order stays: no name, address or router id moves", () => {
  const before = topologyOf(loadEnvironment("lab"));
  const text = platformText("lab")
    .replace("role: active", "role: x")
    .replace("role: standby", "role: active")
    .replace("role: x", "role: standby");
  const after = topologyOf(readEnvironment(text, "lab.yaml"));
  assert.deepEqual(
    after.sites.map(({ name, number, role }) => `${name} ${number} ${role}`),
    ["dc2 2 active", "dc1 1 standby"],
  );
  const rest = ({ sites, ...platform }: Topology) => [
    platform,
    [...sites].sort((a, b) => a.number - b.number).map((site) => ({ ...site, role: "any" })),
  ];
  assert.deepEqual(rest(after), rest(before));
});

test("a lab's bridges have names that the kernel takes, one a network", () => {
  const { sites } = topologyOf(loadEnvironment("lab"));
  const names = sites.flatMap(({ core, zones, number }) =>
    [core.vlan, ...zones.flatMap(({ planes }) => Object.values(planes).map(({ vlan }) => vlan))].map((vlan) =>
      labNames.bridge(labSlots - 1, number, vlan),
    ),
  );
  assert.equal(new Set(names).size, 32);
  for (const name of [...names, labNames.interSiteBridge(labSlots - 1), labNames.bridge(labSlots - 1, 1, 4094)])
    assert.ok(name.length <= 15, name);
});

test("in a lab the machine itself is the operator, on each management plane and nowhere else", () => {
  const { operators, sites } = topologyOf(loadEnvironment("lab"));
  assert.equal(operators.length, 10);
  assert.equal(sites[0]?.zones[0]?.planes.management.operatorAddress, "10.77.111.9");
  assert.equal(sites[0]?.zones[0]?.planes.business.operatorAddress, undefined);
  assert.ok(!JSON.stringify(topologyOf(loadEnvironment("reference"))).includes("operatorAddress"));
});

test("every availability mode agrees with the rules, and a faster one notices sooner", () => {
  for (const mode of availabilityModes) assert.deepEqual(problemsOf(edited("lab", (e) => e.set("availability", mode))), [], mode);
  for (const mode of availabilityModes)
    assert.ok(timingsOf(mode).podTolerationSeconds > 600, `${mode}: ten minutes without network cost no pod`);
  const suspect = availabilityModes.map((mode) => timingsOf(mode).galeraSuspectSeconds);
  assert.deepEqual(
    suspect,
    [...suspect].sort((a, b) => a - b),
  );
});

test("schema.json is what the schema's source gives; npm run env -- schema writes it", () => {
  assert.equal(readFileSync(join(environmentsDirectory, "schema.json"), "utf8"), jsonSchemaText());
});
