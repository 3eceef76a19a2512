import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { execa } from "execa";
import { checkout } from "../../../../../scripts/console/directories.ts";
import { ensureEngine } from "../../../../../scripts/toolchain/engine.ts";
import { type ApiServer, startApiServer } from "../../../../support/api-server.ts";

const program = `
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
const config = new pulumi.Config();
const provider = new k8s.Provider("cluster", {
  kubeconfig: config.requireSecret("kubeconfig"), clusterIdentifier: "test", enableConfigMapMutable: true, enableSecretMutable: true,
});
const options = { provider };
const space = new k8s.core.v1.Namespace("space", { metadata: { name: "space" } }, options);
const namespace = space.metadata.name;
const map = new k8s.core.v1.ConfigMap("settings", { metadata: { namespace }, data: { size: config.require("size") } }, options);
const hidden = new k8s.core.v1.Secret("hidden", { metadata: { name: "hidden", namespace }, stringData: { key: "plaintext-of-key" } }, options);
const labels = { app: config.require("app") };
new k8s.apps.v1.Deployment("web", {
  metadata: { name: "web", namespace },
  spec: { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [{ name: "web", image: "web:1" }] } } },
}, { ...options, customTimeouts: { create: config.require("limit") } });
export const name = map.metadata.name;
export const key = hidden.data;
`;
let server: ApiServer;
let directory: string;
let env: Record<string, string>;
let cli: string;

before(async () => {
  server = await startApiServer();
  const engine = await ensureEngine({ needs: ["kubernetes"] }, () => {});
  cli = engine.cli;
  directory = mkdtempSync(join(tmpdir(), "tandem-k8s-engine-"));
  mkdirSync(join(directory, "state"));
  symlinkSync(join(checkout, "node_modules"), join(directory, "node_modules"));
  const runtime = { name: "nodejs", options: { typescript: false } };
  writeFileSync(join(directory, "Pulumi.yaml"), JSON.stringify({ name: "k8s", runtime, main: "index.mjs" }));
  writeFileSync(join(directory, "package.json"), '{"type":"module"}');
  writeFileSync(join(directory, "index.mjs"), program);
  env = { ...engine.env, PULUMI_BACKEND_URL: `file://${directory}/state`, PULUMI_CONFIG_PASSPHRASE: "test", NO_COLOR: "1" };
  await pulumi("stack", "init", "test");
  await pulumi("config", "set", "--secret", "kubeconfig", server.kubeconfig);
  for (const [key, value] of Object.entries({ size: "1", app: "web", limit: "2s" })) await pulumi("config", "set", key, value);
});
after(async () => {
  await server?.stop();
  if (directory) rmSync(directory, { recursive: true, force: true });
});

async function pulumi(...args: string[]): Promise<string> {
  const result = await execa(cli, [...args, "--non-interactive"], {
    cwd: directory,
    env,
    reject: false,
    all: true,
    timeout: 120_000,
  });
  if (result.failed) throw new Error(`pulumi ${args.join(" ")}: ${result.shortMessage}\n${result.all}`);
  return result.all;
}
const up = (...args: string[]) => pulumi("up", "--yes", "--skip-preview", ...args);
const available = { observedGeneration: 1, replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1 };
const web = "/apis/apps/v1/namespaces/space/deployments/web";

test("the engine and the SDK: preview, failed up, resumed up, nothing to do, update, refresh, replace, destroy", async () => {
  assert.match(await pulumi("preview"), /6 to create/);
  await assert.rejects(up(), /Deployment space\/web is not ready: .*time limit of 2 s/);
  await pulumi("config", "set", "limit", "60s");
  await Promise.all([up(), server.setStatus(web, available)]);
  assert.match(await up(), /6 unchanged/);
  assert.match(await pulumi("stack", "output", "name"), /^settings-[0-9a-f]{8}$/m);
  const state = await pulumi("stack", "export");
  assert.ok(!state.includes("plaintext-of-key") && !state.includes(Buffer.from("plaintext-of-key").toString("base64")));

  await pulumi("config", "set", "size", "2");
  assert.match(await pulumi("preview", "--diff"), /size: "1" => "2"/);
  assert.match(await up(), /1 updated/);

  const signal = new AbortController().signal;
  const body = { data: { key: Buffer.from("changed by hand").toString("base64") } };
  const contentType = "application/merge-patch+json";
  const hidden = "/api/v1/namespaces/space/secrets/hidden";
  await server.client.call(hidden, { method: "PATCH", body, contentType, query: { fieldManager: "hand" }, signal });
  assert.match(await pulumi("refresh", "--yes", "--skip-preview"), /1 updated/);
  await server.client.call(hidden, { method: "DELETE", signal });
  assert.match(await pulumi("refresh", "--yes", "--skip-preview"), /1 deleted/);
  assert.match(await up(), /1 created/);

  await pulumi("config", "set", "app", "web2");
  assert.match(await pulumi("preview"), /1 to replace/);
  const replacing = up();
  await server.collect(web);
  await server.setStatus(web, available);
  assert.match(await replacing, /1 replaced/);

  const settings = (await pulumi("stack", "output", "name")).trim();
  const space = "/api/v1/namespaces/space";
  const emptied = async () => {
    await server.collect(space);
    // The namespace controller's part: nothing is left in it.
    const body = { apiVersion: "v1", kind: "Namespace", metadata: { name: "space" }, spec: { finalizers: [] } };
    await server.client.call(`${space}/finalize`, { method: "PUT", body, signal });
  };
  const parts = [web, hidden, `${space}/configmaps/${settings}`].map((path) => server.collect(path));
  await Promise.all([pulumi("destroy", "--yes", "--skip-preview"), ...parts, emptied()]);
  await assert.rejects(server.client.get(space, signal), /not found/);
});
