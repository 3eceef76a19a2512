import assert from "node:assert/strict";
import { before, test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { BalancedService } from "../../../components/balancer/balanced-service.ts";
import { BalancerPair } from "../../../components/balancer/balancer-pair.ts";
import { Host, type Machine } from "../../../components/host/host.ts";
import type { Credentials } from "../../../components/trust/credentials.ts";
import { loadEnvironment } from "../../../environments/model/load.ts";
import { topologyOf } from "../../../environments/model/topology-of.ts";

interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** What a pair with one service registers in a preview, in the order of registration. */
async function preview(platform: string, machine: Machine): Promise<Registered[]> {
  const registered: Registered[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        registered.push({ type, name, inputs });
        return { id: `${name}-id`, state: inputs };
      },
      call: () => ({}),
    },
    "tandem",
    platform,
    true,
  );
  const topology = topologyOf(loadEnvironment(platform, {}));
  const zone = topology.sites[0]?.zones[0];
  assert.ok(zone);
  const access = { user: "tandem", port: 22, privateKey: pulumi.secret("login"), hostKey: "ssh-ed25519 AAAA" };
  const hosts = zone.hosts
    .filter(({ role }) => role === "balancer")
    .map((place) => new Host(`${platform}-${place.shortName}`, { place, access, machine }));
  const credentials: Pick<Credentials, "authorities" | "issued" | "password"> = {
    authorities: () => pulumi.output("authorities"),
    issued: (name) => ({ certificate: pulumi.output(name), privateKey: pulumi.secret("planted key") }),
    password: () => pulumi.secret("planted password"),
  };
  const images = { haproxy: "haproxy@sha256:0", keepalived: "keepalived@sha256:0" };
  const pair = new BalancerPair(`balancers-${platform}`, {
    ...{ hosts, zone, timings: topology.timings, images },
    credentials: credentials as Credentials,
  });
  const vip = zone.vips.find(({ name }) => name === "database");
  assert.ok(vip);
  const check = { scheme: "http", port: 3380, path: "/writer" } as const;
  const servers = [{ name: "db1", address: "192.0.2.1", port: 3306 }];
  const service = new BalancedService(`database-${platform}`, { pair, vip, port: 3306, servers, check, serves: "one" });
  await new Promise<void>((resolve) => pulumi.all([service.urn, service.serving]).apply(() => resolve()));
  return registered;
}

let registered: Registered[];
before(async () => {
  registered = await preview("reference", { kind: "ssh", knownHostsFile: "known_hosts", trunk: "bond0" });
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
    ...base.map((what) => `balancer-${what}-${host}`),
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
