import assert from "node:assert/strict";
import { join } from "node:path";
import { before, test } from "node:test";
import { execa } from "execa";
import type { Registered } from "./registered-pair.ts";

let registered: Registered[];
before(async () => {
  const { stdout } = await execa(process.execPath, [join(import.meta.dirname, "registered-pair.ts")]);
  registered = JSON.parse(stdout) as Registered[];
});

const ofHost = (type: string): string[] =>
  registered
    .filter((resource) => resource.type === type && resource.name.endsWith("lb1"))
    .map(({ name }) => name)
    .sort();

test("a host has few files, two containers, and two files more a service", () => {
  const host = "dc1-platform-lb1";
  const base = ["authorities", "certificate", "haproxy", "keepalived", "reload", "users"];
  assert.deepEqual(ofHost("command:remote:Command"), [
    ...[`balancer-${host}`, ...base.map((what) => `balancer-${what}-${host}`)].sort(),
    `database-haproxy-${host}`,
    `database-keepalived-${host}`,
  ]);
  assert.deepEqual(ofHost("docker:index/container:Container"), [`haproxy-${host}`, `keepalived-${host}`]);
});

test("the second host's files and containers come after the first one's", () => {
  const place = (name: string): number => registered.findIndex((resource) => resource.name === name);
  for (const what of ["balancer-reload", "haproxy", "database-haproxy"])
    assert.ok(place(`${what}-dc1-platform-lb1`) < place(`${what}-dc1-platform-lb2`), what);
});

test("a VIP's interface is the VLAN of its plane on a real machine", () => {
  const file = registered.find(({ name }) => name === "database-keepalived-dc1-platform-lb1");
  assert.match(JSON.stringify(file?.inputs["stdin"]), /interface bond0\.1102\\n/);
});

test("key and password are in files of their own, and no container knows them", () => {
  const knowing = registered.filter(({ inputs }) => /planted/.test(JSON.stringify(inputs)));
  assert.deepEqual(knowing.map(({ name }) => name.replace(/-dc1.*/, "")).sort(), [
    "balancer-certificate",
    "balancer-certificate",
    "balancer-users",
    "balancer-users",
  ]);
  for (const { inputs } of knowing) assert.doesNotMatch(JSON.stringify({ ...inputs, stdin: "" }), /planted/);
});

test("a container has no capability but keepalived's two, and HAProxy runs as the service account", () => {
  const inputs = (name: string) =>
    registered.find((each) => each.type.startsWith("docker:") && each.name === name)?.inputs as Registered["inputs"];
  const haproxy = inputs("haproxy-dc1-platform-lb1");
  assert.deepEqual([haproxy["user"], haproxy["capabilities"]], ["900:900", { adds: [], drops: ["ALL"] }]);
  assert.deepEqual(inputs("keepalived-dc1-platform-lb1")["capabilities"], {
    adds: ["CAP_NET_ADMIN", "CAP_NET_RAW"],
    drops: ["ALL"],
  });
});
