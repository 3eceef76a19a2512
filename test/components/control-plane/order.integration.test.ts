import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type * as pulumi from "@pulumi/pulumi";
import { controlPlaneServices } from "../../../components/control-plane/cluster.render.ts";
import { loadEnvironment } from "../../../environments/model/load.ts";
import type { Host } from "../../../environments/model/topology.ts";
import { topologyOf } from "../../../environments/model/topology-of.ts";
import { runControlPlane } from "../../support/declared-control-plane.ts";
import type { DeclaredResource } from "../../support/mocked-program.ts";
import { testCredentials } from "../../support/test-credentials.ts";

/** In the order in which the engine was asked to make them, each with the hosts whose API servers were ready and whose controllers were well then. */
const asked: { readonly name: string; readonly ready: readonly string[]; readonly well: readonly string[] }[] = [];
const servers: Server[] = [];
/** As where the first one alone is ready. */
const hosts = ["dc1-platform-cp2", "dc1-platform-cp3", "dc1-platform-cp1"];
let directory: string;
let uid: string;

// Three addresses of this machine play the hosts; each API server takes a moment until it is ready.
before(async () => {
  directory = mkdtempSync(join(tmpdir(), "tandem-order-"));
  const topology = topologyOf(loadEnvironment("lab", { slot: 0 }));
  const [first] = topology.sites;
  assert.ok(first);
  const here = (host: Host): Host => {
    if (host.role !== "control-plane") return host;
    return { ...host, addresses: { ...host.addresses, management: `127.0.7.${host.shortName.slice(2)}` } };
  };
  const site = { ...first, zones: first.zones.map((zone) => ({ ...zone, hosts: zone.hosts.map(here) })) };
  const credentials = testCredentials({ ...topology, sites: [site, ...topology.sites.slice(1)] }, directory);
  const ready: string[] = [];
  const well: string[] = [];
  const start = async (host: string): Promise<void> => {
    const { certificate, privateKey } = credentials.issued(`kube-apiserver-${host}`);
    const [cert, key] = await Promise.all([certificate, privateKey].map(textOf));
    const server = createServer({ cert, key }, ({ url }, response) => {
      response.statusCode = ready.includes(host) ? 200 : 500;
      response.end(url === "/readyz" ? "" : JSON.stringify({ metadata: { uid: "recorded" } }));
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(6443, `127.0.7.${host.slice(-1)}`, resolve));
    await delay(700);
    ready.push(host);
  };
  const register = async ({ type, name }: DeclaredResource): Promise<void> => {
    if (type !== "docker:index/container:Container") return;
    asked.push({ name, ready: [...ready], well: [...well] });
    if (name.startsWith("kube-apiserver-")) void start(name.slice("kube-apiserver-".length));
    if (name.startsWith("metrics-server-")) void delay(700).then(() => well.push(name.slice("metrics-server-".length)));
  };
  const ask = async (host: string): Promise<string> => (well.includes(host) ? "200\n200\n200\n" : "200\n000\n500\n");
  uid = await runControlPlane(topology, site, credentials, { isPreview: false, register, order: hosts, ask });
});

after(() => {
  for (const server of servers) server.close();
  rmSync(directory, { recursive: true, force: true });
});

const textOf = (output: pulumi.Output<string>): Promise<string> => new Promise((resolve) => output.apply(resolve));

test("a host's API server is not touched before those of the hosts before it are ready", () => {
  const touched = asked.filter(({ name }) => /^(kine|kube-apiserver)-/.test(name)).map(({ name, ready }) => ({ name, ready }));
  assert.deepEqual(
    touched,
    hosts.flatMap((host, index) =>
      ["kine", "kube-apiserver"].map((service) => ({ name: `${service}-${host}`, ready: hosts.slice(0, index) })),
    ),
  );
});

const others = /^(kube-controller-manager|kube-scheduler|metrics-server)-/;

test("the others come when all API servers are there, as the skew between their versions asks for, host by host", () => {
  const touched = asked.filter(({ name }) => others.test(name));
  assert.ok(touched.every(({ ready }) => ready.length === hosts.length));
  assert.deepEqual(
    touched.map(({ name }) => name.replace(others, "")),
    hosts.flatMap((host) => [host, host, host]),
  );
  assert.equal(asked.length, controlPlaneServices.length * hosts.length);
});

test("a host's controllers are not touched before those of the hosts before it are well", () => {
  const touched = asked.filter(({ name }) => others.test(name));
  assert.deepEqual(
    touched.map(({ well }) => well),
    hosts.flatMap((_, index) => Array(3).fill(hosts.slice(0, index))),
  );
});

test("the cluster's UID is what its API says", () => assert.equal(uid, "recorded"));
