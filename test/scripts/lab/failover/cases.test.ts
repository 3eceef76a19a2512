import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { type Action, describe, ledger, undoOf } from "../../../../scripts/lab/failover/actions.ts";
import { cases } from "../../../../scripts/lab/failover/cases.ts";
import { chosenCases } from "../../../../scripts/lab/failover/drill.ts";
import { chosen, renderSeparation } from "../../../../scripts/lab/failover/faults.ts";
import { holdersOf, partsOf, placeOf } from "../../../../scripts/lab/failover/places.ts";
import { addressesIn } from "../../../../scripts/lab/links.ts";
import { labTopology } from "../../../../scripts/lab/machines.ts";
import { matchesGolden } from "../../../support/golden.ts";

const place = placeOf(labTopology({ slot: 0 }), "dc1");
const seen = { writers: ["dc1-platform-db2"], holders: ["dc1-platform-lb2"], leader: "dc1-platform-cp3_4f6a" };

test("each case breaks what it says, and what it breaks is taken back in the opposite order", () => {
  const parts = partsOf(place, seen);
  const lines = cases.flatMap(({ name, what, prepare, actions }) => {
    const stages = prepare?.(parts) ?? [];
    const planned = actions(parts);
    const undone = planned.toReversed().flatMap((action) => undoOf(action) ?? []);
    assert.ok(planned.length > 0, name);
    return [
      `${name}: ${what}`,
      ...stages.map((stage) => `  first ${stage.map(describe).join(", ")}`),
      ...planned.map((one) => `  ${describe(one)}`),
      ...undone.map((one) => `  then ${describe(one)}`),
    ];
  });
  matchesGolden(`${lines.join("\n")}\n`, join(import.meta.dirname, "golden", "cases.txt"));
});

test("a case never touches the host in whose network the clients run, nor the other site", () => {
  const parts = partsOf(place, seen);
  const all = cases.flatMap(({ prepare, actions }) => [...(prepare?.(parts) ?? []).flat(), ...actions(parts)]);
  const hosts = all.map(({ host }) => host);
  assert.ok(!hosts.includes(place.clientHost.name));
  assert.deepEqual(
    hosts.filter((host) => !host.startsWith("dc1-")),
    [],
  );
});

test("only what leaves no majority has no prediction", () => {
  assert.deepEqual(
    cases.filter(({ failure }) => failure === undefined).map(({ name }) => name),
    ["power-all-databases"],
  );
});

test("a case begins with one writer and one holder of the VIPs, or not at all", () => {
  assert.throws(() => partsOf(place, { ...seen, writers: [] }), /dc1: the database has 0 writers/);
  assert.throws(() => partsOf(place, { ...seen, writers: ["a", "b"] }), /dc1: the database has 2 writers \(a, b\)/);
  assert.throws(() => partsOf(place, { ...seen, holders: ["a", "b"] }), /2 balancers hold the database's VIP/);
});

test("whatever was done is taken back: when an action fails halfway, when the drill is interrupted, when one repair fails", async () => {
  const done: string[] = [];
  const account = ledger(async (action: Action) => {
    done.push(describe(action));
    if (describe(action) === "cut b storage" || describe(action) === "continue mysqld on a") throw new Error("no such cable");
  });
  await account.act({ kind: "power-off", host: "c" });
  await account.act({ kind: "hang", host: "a", processes: { service: "database", name: "mysqld" } });
  await assert.rejects(account.act({ kind: "cut", host: "b", cable: "storage" }));
  assert.deepEqual(await account.undoAll(), ["continue mysqld on a: no such cable"]);
  assert.deepEqual(done.slice(3), ["heal b storage", "continue mysqld on a", "power-on c"]);
  assert.deepEqual(await account.undoAll(), []);
});

test("a case is taken back as far as it was made ready, and then the rest", async () => {
  const done: string[] = [];
  const account = ledger(async (action: Action) => void done.push(describe(action)));
  await account.act({ kind: "shrink-disk", host: "b" });
  const ready = account.size();
  await account.act({ kind: "fill-disk", host: "b" });
  assert.deepEqual(await account.undoAll(ready), []);
  assert.deepEqual(done.slice(2), ["free-disk b"]);
  assert.deepEqual(await account.undoAll(), []);
  assert.deepEqual(done.slice(3), ["restore-disk b"]);
});

test("what a killed drill left broken is known to the next one, until it is repaired", async () => {
  let written: readonly Action[] = [];
  const remember = (open: readonly Action[]): void => {
    written = structuredClone(open);
  };
  const killed = ledger(async () => {}, remember);
  await killed.act({ kind: "power-off", host: "c" });
  await killed.act({ kind: "cut", host: "b", cable: "storage" });
  const done: string[] = [];
  const next = ledger(async (action) => void done.push(describe(action)), remember, written);
  assert.deepEqual(await next.undoAll(), []);
  assert.deepEqual(done, ["heal b storage", "power-on c"]);
  assert.deepEqual(written, []);
});

test("of several processes of a name, the master is told from its workers; long names are compared as the kernel cuts them", () => {
  const all = [
    { pid: 10, parent: 1, command: "sh" },
    { pid: 11, parent: 10, command: "haproxy" },
    { pid: 12, parent: 11, command: "haproxy" },
    { pid: 20, parent: 1, command: "kube-controller" },
    { pid: 30, parent: 1, command: "mariadbd" },
  ];
  const pids = (name: string, which?: "parent" | "children") =>
    chosen(all, { service: name, name, ...(which && { which }) }).map(({ pid }) => pid);
  assert.deepEqual(pids("haproxy"), [11, 12]);
  assert.deepEqual(pids("haproxy", "parent"), [11]);
  assert.deepEqual(pids("haproxy", "children"), [12]);
  assert.deepEqual(pids("kube-controller-manager"), [20]);
  assert.deepEqual(pids("mysqld"), [30]);
  assert.deepEqual(pids("kine"), []);
});

test("two balancers are separated in all planes, by rules that a second run or the repair takes away", () => {
  const [, second] = place.balancers;
  assert.ok(second);
  const rules = renderSeparation(second);
  for (const address of Object.values(second.addresses)) assert.ok(rules.includes(address));
  assert.match(rules, /^add table inet tandem-drill; delete table inet tandem-drill;/);
});

test("a VIP is held where its address is", async () => {
  assert.deepEqual(addressesIn("[{},{}]"), []);
  assert.deepEqual(addressesIn(""), []);
  const addresses =
    '[{"ifname":"lo","addr_info":[]},{"ifname":"eth2","addr_info":[{"local":"10.77.112.5"},{"local":"10.77.112.6"}]}]';
  assert.deepEqual(addressesIn(addresses), ["10.77.112.5", "10.77.112.6"]);
  // No engine answers there: a host that can't be asked holds nothing.
  assert.deepEqual(await holdersOf({ id: "none", dockerHost: "unix:///nonexistent" } as never, place, place.apiVip), []);
});

test("an unknown case or site is refused with those that there are", () => {
  assert.throws(
    () => chosenCases(["kill-writter"]),
    /^UserError: --case "kill-writter": there is no such case; did you mean "kill-writer"\?.*; allowed are kill-writer, /,
  );
  assert.deepEqual(
    chosenCases(["power-balancer", "kill-writer"]).map(({ name }) => name),
    ["kill-writer", "power-balancer"],
  );
  assert.throws(() => placeOf(labTopology({ slot: 0 }), "dc3"), /--site "dc3": there is no such site; allowed are dc1, dc2/);
});
