import assert from "node:assert/strict";
import { test } from "node:test";
import { placeOf } from "../../../../environments/model/flows/reach.ts";
import type { Host, Plane } from "../../../../environments/model/topology.ts";
import { type Evidence, findingsOf, matrixOf, verdictsOn, why } from "../../../../scripts/lab/isolation/judge.ts";
import { readObserver, renderObserver } from "../../../../scripts/lab/isolation/observer.render.ts";
import { flowProbe } from "../../../../scripts/lab/isolation/plan.ts";
import { keyOf, type Probe } from "../../../../scripts/lab/isolation/probes.ts";
import { renderProof } from "../../../../scripts/lab/isolation/report.ts";
import { renderWays } from "../../../../scripts/lab/isolation/ways.render.ts";
import { ground } from "./field.ts";

const host = (name: string): Host => ground.hosts.find((one) => one.name === name) as Host;

function probe(
  from: string,
  to: string,
  port: number,
  plane: Plane = "storage",
  protocol: "tcp" | "udp" | "icmp" = "tcp",
): Probe {
  const target = placeOf(ground.topology, to, plane);
  assert.ok(target, to);
  return flowProbe(ground, host(from), target, plane, { protocol, port });
}

interface Seen {
  readonly answered?: boolean;
  readonly failed?: string;
  readonly passed?: readonly string[];
  readonly reached?: readonly string[];
}

/** The verdict on one probe, by what was seen of it. */
function verdict(one: Probe, { answered = false, failed, passed = [], reached = [] }: Seen) {
  const key = keyOf(one);
  const evidence: Evidence = {
    answered: new Set(answered ? [0] : []),
    failed: new Map(failed === undefined ? [] : [[0, failed]]),
    seen: ground.hosts.map((at) => ({
      sender: at,
      keys: { passed: new Set(passed.includes(at.name) ? [key] : []), reached: new Set(reached.includes(at.name) ? [key] : []) },
    })),
  };
  const [found] = verdictsOn([one], evidence);
  assert.ok(found);
  return found;
}

const galera = probe("dc1-platform-db1", "dc1-platform-db2", 4567);
const vip = probe("dc1-platform-cp1", "dc1-platform/database", 3306);
const closed = probe("dc1-platform-wk1", "dc1-platform-db2", 4567);
const far = probe("dc1-internet-wk1", "dc1-policy-wk1", 1, "business");

test("a permitted connection passed when its receiver saw it and somebody answered; of a VIP either holder", () => {
  assert.equal(verdict(galera, { answered: true, passed: ["dc1-platform-db2"] }).outcome, "passed");
  assert.equal(verdict(vip, { answered: true, passed: ["dc1-platform-lb2"] }).outcome, "passed");
});

test("a permitted one is missing when it is not seen, not answered, or seen by somebody else", () => {
  const seen = (what: Seen): string => {
    const { outcome, seen: words } = verdict(galera, what);
    assert.equal(outcome, "missing");
    return words;
  };
  assert.equal(seen({}), "it did not arrive");
  assert.equal(seen({ passed: ["dc1-platform-db2"] }), "it arrived, and its answer did not");
  assert.equal(seen({ answered: true }), "somebody else answered");
  assert.equal(seen({ answered: true, passed: ["dc1-platform-db3"] }), "it came in at dc1-platform-db3 instead");
});

test("a forbidden one leaks when it is answered, and when it only comes in; its lost answer hides nothing", () => {
  assert.equal(verdict(closed, {}).outcome, "stopped");
  assert.equal(verdict(closed, { reached: ["dc1-platform-db2"] }).outcome, "stopped");
  assert.equal(verdict(closed, { answered: true }).outcome, "leak");
  assert.equal(verdict(closed, { passed: ["dc1-platform-db2"] }).outcome, "leak");
});

test("between zones a packet leaks that gets to a host's interface, also when that host's own rules stop it", () => {
  const { outcome, seen } = verdict(far, { reached: ["dc1-policy-wk1"] });
  assert.equal(outcome, "leak");
  assert.equal(seen, "it got into another zone; only the rules of dc1-policy-wk1 stopped it");
});

test("between zones the sender's own gateways stop it: others on its way would see that it got past them", () => {
  assert.equal(verdict(far, { reached: ["dc1-internet-gw1"] }).outcome, "stopped");
  const { outcome, seen } = verdict(far, { reached: ["dc1-internet-gw1", "dc1-policy-gw2"] });
  assert.equal(outcome, "leak");
  assert.equal(seen, "it got out of its zone; only the rules of dc1-policy-gw2 stopped it");
  const fromGateway = probe("dc1-internet-gw1", "dc1-policy-wk1", 1, "business");
  assert.equal(verdict(fromGateway, { reached: ["dc1-policy-gw2"] }).outcome, "stopped");
});

test("a probe that was never sent proves nothing", () => {
  const found = verdict(closed, { failed: "EMFILE" });
  assert.equal(found.outcome, "untried");
  assert.equal(findingsOf([found]).length, 1);
});

test("a datagram need not be answered, and must arrive", () => {
  const names = probe("dc1-policy-wk1", "dc1-policy/gateway-management", 53, "management", "udp");
  assert.equal(verdict(names, { passed: ["dc1-policy-gw1"] }).outcome, "passed");
  assert.equal(verdict(names, {}).outcome, "missing");
});

test("a finding says who, to whom, what was seen, and which row or layer decides", () => {
  assert.equal(
    why(ground, verdict(galera, {})),
    "dc1-platform-db1 to dc1-platform-db2 (10.77.112.16), tcp 4567, storage: it did not arrive; galera permits it",
  );
  assert.equal(
    why(ground, verdict(far, { answered: true })),
    "dc1-internet-wk1 to dc1-policy-wk1 (10.77.140.24), tcp 1, business: it was answered; " +
      "as the table is, it is stopped by the gateways of dc1-internet: what no row permits is dropped",
  );
});

test("a forged sender's leak says that the gateways know better, though the table permits the connection that it claims", () => {
  const claimed = host("dc1-internet-wk1").addresses.business;
  const forged: Probe = {
    ...probe("dc1-office-wk1", "dc1-policy-wk1", 8443, "business"),
    ...{ kind: "stranger", sourcePort: 20_001, means: { forged: claimed } },
  };
  assert.match(
    why(ground, verdict(forged, { passed: ["dc1-policy-wk1"] })),
    /as a host of another zone that may: a forged sender \(10\.77\.120\.24\): it came in at dc1-policy-wk1; as the table is, the gateways of dc1-office know/,
  );
});

test("the matrix counts from zone to zone, and the report ends with every finding and the seed", () => {
  const verdicts = [
    verdict(galera, { answered: true, passed: ["dc1-platform-db2"] }),
    verdict(closed, {}),
    verdict(far, { passed: ["dc1-policy-wk1"] }),
  ];
  assert.deepEqual(
    matrixOf(verdicts).map(({ from, to }) => `${from} ${to}`),
    ["dc1-platform dc1-platform", "dc1-internet dc1-policy"],
  );
  const text = renderProof({
    ...{ ground, form: "a sample", seed: 42, startedAt: "2026-11-27T16:00:00Z", seconds: 12, digest: "abc", verdicts },
    untriedRows: ["payments"],
  });
  assert.match(text, /dc1-platform .*1\/1/);
  assert.match(text, /0\/0 1 LEAK/);
  assert.match(text, /LEAK: dc1-internet-wk1 to dc1-policy-wk1/);
  assert.match(text, /3 tried: 1 passed and 1 were stopped as the table says, 1 leaks, 0 missing, 0 untried/);
  assert.match(text, /a sample, seed 42, 12 s, configuration abc$/);
});

test("what an observer wrote down is read as the probes' keys, whether protocols have names or numbers", () => {
  const elem = (...concat: readonly (string | number)[]) => ({ concat });
  const output = JSON.stringify({
    nftables: [
      { metainfo: { version: "1.0.6" } },
      { table: { family: "inet", name: "tandem-isolation" } },
      {
        set: {
          name: "reached",
          elem: [elem(6, "10.77.112.15", "10.77.112.16", 12_000, 4567), elem("udp", "10.0.0.1", "10.0.0.2", 12_000, 53)],
        },
      },
      { set: { name: "passed" } },
      { set: { name: "passed_echo", elem: [elem("10.77.112.15", "10.77.112.16")] } },
      { set: { name: "passed_ipv6", elem: [elem(17, 21_990, 5353)] } },
    ],
  });
  const { reached, passed } = readObserver(output);
  assert.ok(reached.has(keyOf(galera)));
  assert.ok(reached.has("udp 10.0.0.1 10.0.0.2 12000 53"));
  assert.deepEqual([...passed], [keyOf({ ...galera, protocol: "icmp" }), "udp ipv6 21990 5353"]);
});

test("an attacker's means become rewrites and routes for its source port alone", () => {
  const to = { label: "x", address: "10.77.140.24" };
  const probes = [
    { sourcePort: 20_001, means: { forged: "10.77.120.24" }, to },
    { sourcePort: 20_002, means: { port: 24_224 }, to },
    { sourcePort: 20_003, means: { route: { device: "eth0", via: "10.77.120.2" } }, to },
    { sourcePort: 20_004, means: { route: { device: "eth0", hardware: "02:42:00:00:00:01" } }, to },
    { sourcePort: 20_000, to },
  ];
  const rules = renderObserver(probes, [24_224]);
  assert.match(rules, /tcp sport 20001 ip saddr set 10\.77\.120\.24; udp sport 20001 ip saddr set 10\.77\.120\.24;/);
  assert.match(rules, /tcp sport 20002 tcp sport set 24224;/);
  assert.doesNotMatch(rules, /sport 2000[034] /);
  assert.deepEqual(renderWays(probes).trim().split("\n"), [
    "rule add preference 500 sport 20003 lookup 20003 protocol 85",
    "route replace default via 10.77.120.2 onlink dev eth0 table 20003 protocol 85",
    "rule add preference 500 sport 20004 lookup 20004 protocol 85",
    "route replace default scope link dev eth0 table 20004 protocol 85",
    "neigh replace 10.77.140.24 lladdr 02:42:00:00:00:01 dev eth0 nud permanent",
  ]);
});
