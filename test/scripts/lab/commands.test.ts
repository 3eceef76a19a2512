import assert from "node:assert/strict";
import { test } from "node:test";
import { labNames } from "../../../environments/model/lab.ts";
import { balancerWord, controlPlaneWord, coreOf, databaseWord, type Word } from "../../../scripts/lab/core-status.ts";
import { looseCables } from "../../../scripts/lab/down.ts";
import { gatewaysOf, gatewayWord } from "../../../scripts/lab/gateway-status.ts";
import type { Lab } from "../../../scripts/lab/instance.ts";
import { farEnd } from "../../../scripts/lab/links.ts";
import { findCable, findHost, findSite, hostsOf, type LabContainer, labTopology } from "../../../scripts/lab/machines.ts";
import { nodeWord } from "../../../scripts/lab/node-status.ts";
import { sshArguments } from "../../../scripts/lab/ssh.ts";
import { isWell, renderStatus, statusOf } from "../../../scripts/lab/status.ts";
import { countOrigins } from "../../../scripts/lab/up.ts";
import { type Reading, renderUsage, usageOf } from "../../../scripts/lab/usage.ts";

const hosts = hostsOf(labTopology({ slot: 3 }));
const [host] = hosts.filter(({ name }) => name === "dc1-platform-db1");
assert.ok(host);

const container = (service: string, state: string): LabContainer => {
  const machine = labNames.container("abcd", host.name);
  const isMachine = service === "";
  return { id: service, name: isMachine ? machine : `${machine}-${service}`, host: host.name, isMachine, service, state };
};

test("an unknown host is refused with the nearest known one and all that are allowed", () => {
  assert.equal(findHost(hosts, "dc1-platform-db1"), host);
  assert.throws(() => findHost(hosts, "dc1-platfrom-db1"), {
    name: "UserError",
    message: /^"dc1-platfrom-db1": the lab has no such host; did you mean "dc1-platform-db1"\?.*; allowed are.*dc2-office-wk1/,
  });
});

test("a cable is one of a plane, or of a gateway's core network or link; an unknown one is refused with those that the host has", () => {
  const topology = labTopology({ slot: 3 });
  const cable = (name: string, of: string) => findCable(topology, findHost(hostsOf(topology), of), name);
  assert.deepEqual(cable("storage", "dc1-policy-wk1"), { name: "storage", address: "10.80.142.24" });
  assert.deepEqual(cable("core", "dc1-policy-gw2"), { name: "core", address: "10.80.100.18" });
  assert.deepEqual(cable("link", "dc2-platform-gw1"), { name: "link", address: "10.80.0.6" });
  assert.throws(() => cable("storge", "dc1-policy-wk1"), {
    message: '"storge": dc1-policy-wk1 has no such cable; did you mean "storage"?; allowed are business, management, storage',
  });
  assert.throws(() => cable("link", "dc1-policy-gw1"), /has no such cable.*; allowed are business, management, storage, core$/);
});

test("a site is the active one where none is named, and an unknown one is refused with those that there are", () => {
  const topology = labTopology({ slot: 3 });
  assert.equal(findSite(topology, undefined).role, "active");
  assert.equal(findSite(topology, "dc2").name, "dc2");
  assert.throws(() => findSite(topology, "dc3"), { message: '--site "dc3": there is no such site; allowed are dc1, dc2' });
});

test("the other end of a cable is found by the address, not by the interface's name", () => {
  const addresses = JSON.stringify([
    {},
    { ifname: "eth2", link_index: 41, addr_info: [{}, { local: "10.77.112.21" }] },
    { ifname: "eth0", link_index: 43, addr_info: [{ local: "10.77.112.210" }] },
  ]);
  assert.equal(farEnd(addresses, "10.77.112.210"), 43);
  assert.throws(() => farEnd(addresses, "10.77.112.2"), /10\.77\.112\.2: no interface of its host holds it/);
});

test("a host is well when its machine runs, SSH answers, all its services run and its part of the core says that it is well", () => {
  const running = statusOf(host, [container("", "running"), container("mysql", "running"), container("kine", "exited")]);
  assert.deepEqual(running, { host, machine: "running", services: [1, 2] });
  assert.equal(isWell({ ...running, ssh: true }), false);
  assert.equal(isWell({ ...running, services: [2, 2], ssh: true }), true);
  assert.equal(isWell({ ...running, services: [2, 2], ssh: false }), false);
  assert.equal(isWell({ ...statusOf(host, []), ssh: false }), false);
  assert.equal(isWell({ ...running, services: [2, 2], ssh: true, word: { says: "serves", isWell: true } }), true);
  assert.equal(isWell({ ...running, services: [2, 2], ssh: true, word: { says: "not synced", isWell: false } }), false);
  assert.equal(statusOf(host, []).machine, "missing");
});

test("the status is a table of all hosts with its sum", () => {
  const status = hosts.map((one) => ({ ...statusOf(one, [container("", "running")]), ssh: one === host }));
  const shown = renderStatus({ id: "abcd", dockerHost: "unix:///run/docker.sock" }, status);
  assert.match(shown, /dc1-platform-db1 +│ dc1 +│ platform +│ database +│ 10\.80\.111\.\d+ +│ running +│ 0 of 0 +│ answers/);
  assert.match(shown, new RegExp(`lab abcd on unix:///run/docker.sock: 1 of ${hosts.length} hosts are well$`));
});

test("what core hosts say is read from their own pages", () => {
  const database = (health: string, writer: string): Word => databaseWord(`${health}\n${writer}\n`);
  assert.deepEqual(database("healthy\n\nstatus 200", "writer\n\nstatus 200"), { says: "writer", isWell: true, isWriter: true });
  assert.deepEqual(database("healthy\n\nstatus 200", "the writer is db2\n\nstatus 503"), {
    says: "serves",
    isWell: true,
    isWriter: false,
  });
  assert.equal(database("not synced: Joined\n\nstatus 503", "not synced: Joined\n\nstatus 503").says, "not synced: Joined");
  assert.deepEqual(database("gives its data to another node\n\nstatus 503", "writer\n\nstatus 200"), {
    says: "writer: gives its data to another node",
    isWell: false,
    isWriter: true,
  });
  assert.deepEqual(database("\nstatus 000", "\nstatus 000"), { says: "does not answer", isWell: false });
  const vips = [{ name: "database", address: "10.77.112.5" }];
  const addresses = '[{"ifname":"eth2","addr_info":[{"local":"10.77.112.5"}]}]';
  assert.deepEqual(balancerWord(`${addresses}\n556\nstatus 200\n`, vips), {
    says: "holds database",
    isWell: true,
    holds: ["database"],
  });
  assert.deepEqual(balancerWord("[]\n12\nstatus 200\n", vips), { says: "stands by", isWell: true, holds: [] });
  assert.equal(balancerWord(`${addresses}\n\nstatus 000\n`, vips).says, "HAProxy does not answer; holds database");
  assert.deepEqual(controlPlaneWord("ok\nstatus 200\n"), { says: "ready", isWell: true });
  assert.equal(
    controlPlaneWord("[+]ping ok\n[-]etcd failed: reason withheld\nreadyz check failed\n\nstatus 500\n").says,
    "not ready: etcd",
  );
  assert.equal(controlPlaneWord("\nstatus 000\n").says, "does not answer");
});

test("a gateway says what it lacks, and whether it holds all of its zone's addresses or none", () => {
  const together = ["10.77.140.1", "10.77.141.1", "10.77.142.1", "10.77.100.16"];
  const holding = (addresses: readonly string[]) => JSON.stringify([{ addr_info: addresses.map((local) => ({ local })) }]);
  const word = (addresses: readonly string[], ...running: string[]): Word =>
    gatewayWord(`${[holding(addresses), ...running].join("\n")}\n`, together);
  const all = ["packet filter", "keepalived", "conntrackd", "ulogd", "coredns"] as const;
  assert.deepEqual(word(together, ...all), { says: "holds the zone's addresses", isWell: true, holds: ["zone"] });
  assert.deepEqual(word(["10.77.140.2"], ...all), { says: "stands by", isWell: true, holds: [] });
  assert.deepEqual(word([], "packet filter", "conntrackd", "ulogd", "coredns"), {
    says: "no keepalived",
    isWell: false,
    holds: [],
  });
  assert.deepEqual(word(together.slice(1), ...all), {
    says: "holds 3 of the zone's 4 addresses",
    isWell: false,
    holds: ["zone"],
  });
});

test("a worker says what it lacks, and whether its cluster has it as ready", () => {
  const node = (status: string, message = "") => JSON.stringify({ status: { conditions: [{ type: "Ready", status, message }] } });
  const word = (answer: string, ...running: string[]): Word => nodeWord(`${[...running, answer].join("\n")}\n`);
  const all = ["containerd", "calico-felix", "kube-proxy"] as const;
  assert.deepEqual(word(`${node("True")}\nstatus 200`, ...all), { says: "ready", isWell: true });
  assert.deepEqual(word(`${node("True")}\nstatus 200`, "containerd", "kube-proxy"), { says: "no calico-felix", isWell: false });
  assert.equal(word(`${node("False", "no CNI")}\nstatus 200`, ...all).says, "not ready: no CNI");
  assert.equal(word(`${JSON.stringify({ status: {} })}\nstatus 200`, ...all).isWell, false);
  assert.equal(word("{}\nstatus 403", ...all).says, "its API answers 403");
  assert.equal(word("\nstatus 000").says, "no containerd; no calico-felix; no kube-proxy; its API does not answer");
});

test("a zone's gateways are well when both are and one holds the zone's addresses", () => {
  const pair = (first: Word, second: Word) => {
    const words: Readonly<Record<string, Word>> = { "dc1-policy-gw1": first, "dc1-policy-gw2": second };
    const asked = hosts.filter(({ name }) => name in words).map((one) => ({ host: one, word: words[one.name] }));
    return gatewaysOf(asked)[0];
  };
  const [holder, other]: Word[] = [
    { says: "", isWell: true, holds: ["zone"] },
    { says: "", isWell: true, holds: [] },
  ] as const;
  assert.ok(holder && other);
  assert.deepEqual(pair(other, holder), { zone: "dc1-policy", says: "2 of 2 serve, addresses at gw2", isWell: true });
  assert.deepEqual(pair(holder, holder)?.isWell, false);
  assert.deepEqual(pair(other, other)?.says, "2 of 2 serve, addresses at none");
  assert.deepEqual(pair({ ...other, isWell: false }, holder)?.isWell, false);
});

test("a core is well with one writer and each VIP at one balancer, and says who they are", () => {
  const words: Readonly<Record<string, Word>> = {
    "dc1-platform-db1": { says: "serves", isWell: true, isWriter: false },
    "dc1-platform-db2": { says: "writer", isWell: true, isWriter: true },
    "dc1-platform-db3": { says: "serves", isWell: true, isWriter: false },
    "dc1-platform-lb1": { says: "stands by", isWell: true, holds: [] },
    "dc1-platform-lb2": { says: "", isWell: true, holds: ["database", "kubernetes-api"] },
    ...Object.fromEntries(["cp1", "cp2", "cp3"].map((name) => [`dc1-platform-${name}`, { says: "ready", isWell: true }])),
  };
  const core = (changed: Readonly<Record<string, Word>> = {}) =>
    coreOf(
      "dc1",
      hosts.map((one) => ({ host: one, word: changed[one.name] ?? words[one.name] })),
    );
  assert.deepEqual(core(), {
    site: "dc1",
    database: "3 of 3 serve, writer db2",
    balancers: "2 of 2 serve, database at lb2, kubernetes-api at lb2",
    controlPlane: "3 of 3 ready",
    isWell: true,
  });
  const second = core({ "dc1-platform-db1": { says: "writer", isWell: true, isWriter: true } });
  assert.deepEqual([second.database, second.isWell], ["3 of 3 serve, writers: db1 and db2", false]);
  const none = core({ "dc1-platform-lb2": { says: "", isWell: true, holds: ["database"] } });
  assert.deepEqual([none.balancers, none.isWell], ["2 of 2 serve, database at lb2, kubernetes-api at none", false]);
  const dead = core({ "dc1-platform-cp3": { says: "does not answer", isWell: false } });
  assert.deepEqual([dead.controlPlane, dead.isWell], ["2 of 3 ready", false]);
});

test("cables that an engine left loose are known by the slot's addresses; another lab's and a stranger's stay", () => {
  const links = [
    { ifname: "vethb2f7c2f", link: "veth4da393d", address: "02:42:0a:4d:70:11" },
    { ifname: "veth4da393d", link: "vethb2f7c2f", address: "12:ea:a9:76:ed:60" },
    { ifname: "veth0000002", link: "veth0000001", address: "02:42:0a:4e:70:11" },
    { ifname: "veth0000003", link: "veth0000004", address: "02:42:ac:11:00:02" },
    {},
  ];
  assert.deepEqual(looseCables(JSON.stringify(links), 0), ["vethb2f7c2f"]);
  assert.deepEqual(looseCables(JSON.stringify(links), 1), ["veth0000002"]);
  assert.deepEqual(looseCables("", 0), []);
});

test("images are counted by where they came from", () => {
  assert.equal(countOrigins(["from the cache", "built", "from the cache"]), "2 from the cache, 1 built");
  assert.equal(countOrigins(["already there", "already there"]), "2 already there");
});

test("ssh uses the lab's key and the lab's pins only, and passes the command's words on", () => {
  const lab: Pick<Lab, "directory" | "sshUser" | "sshPort"> = { directory: "/lab", sshUser: "tandem", sshPort: 2222 };
  const words = sshArguments(lab, host, ["hostname", "-f"]);
  const address = `tandem@${host.addresses.management}`;
  assert.deepEqual(words.slice(0, 6), ["-F", "/dev/null", "-i", "/lab/id_ed25519", "-p", "2222"]);
  for (const option of ["IdentitiesOnly=yes", "StrictHostKeyChecking=yes", "UserKnownHostsFile=/lab/known_hosts"])
    assert.ok(words.includes(option), option);
  assert.deepEqual(words.slice(words.indexOf(address)), [address, "--", "hostname", "-f"]);
  assert.equal(sshArguments(lab, host, []).at(-1), address);
});

test("what the lab costs is counted by kind, of what ran from the first look to the last", () => {
  const readings = (...of: (readonly [id: string, cpuSeconds: number, mebibytes: number])[]): Map<string, Reading> =>
    new Map(of.map(([id, cpuSeconds, mebibytes]) => [id, { cpuSeconds, memoryBytes: mebibytes * 2 ** 20 }]));
  const kinds = new Map([
    ...[1, 2].map((number) => [`k${number}`, "kine"] as const),
    ...["m1", "ended", "begun"].map((id) => [id, "machine"] as const),
  ]);
  const before = readings(["k1", 10, 1], ["k2", 20, 1], ["m1", 5, 1], ["ended", 1, 1]);
  const after = readings(["k1", 11, 30], ["k2", 21.5, 1000], ["m1", 5, 7], ["begun", 3, 9]);
  const usages = usageOf(kinds, before, after, 10);
  assert.deepEqual(usages, [
    { kind: "kine", count: 2, cores: 0.25, memoryBytes: 1030 * 2 ** 20 },
    { kind: "machine", count: 1, cores: 0, memoryBytes: 7 * 2 ** 20 },
  ]);
  assert.match(
    renderUsage(usages, 10),
    /│ kine +│ +2 │ 0\.250 │ +1,030 │[\s\S]*│ in all +│ +3 │ 0\.250 │ +1,037 │[\s\S]*over 10 s/,
  );
});
