import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import Docker from "dockerode";
import { Host } from "../../../components/host/host.ts";
import { loadEnvironment } from "../../../environments/model/load.ts";
import { registryName } from "../../../environments/model/registry.ts";
import { topologyOf } from "../../../environments/model/topology-of.ts";
import { ensureEngine } from "../../../scripts/toolchain/engine.ts";
import { pluginDirectory } from "../../../scripts/toolchain/home.ts";
import { afterAlways } from "../../support/interrupted.ts";
import { type PluginProcess, startPlugin } from "../../support/plugin-process.ts";
import { realMachine } from "../../support/real-machine.ts";
import { until } from "../../support/until.ts";
import { type RegistryPair, startPair } from "./pair.ts";

// A real Docker engine on a network of its own with a site's registry, and the real provider, told what a real machine's host tells it.

const name = registryName(topologyOf(loadEnvironment("lab", { slot: 0 })));
const home = mkdtempSync(join(tmpdir(), "tandem-pulled-"));
let pair: RegistryPair;
let engine: ChildProcess;
let docker: Docker;
let plugin: PluginProcess;
let image: string;

before(async () => {
  pair = await startPair();
  for (const part of ["server", "front"] as const) await pair.first.start(part);
  const file = (of: string): string => join(home, of);
  writeFileSync(file("hosts"), `127.0.0.1 localhost\n${pair.first.host.addresses.management} ${name}\n`);
  // Where Docker looks for what it trusts of a registry is no setting of it.
  const script = [
    "mkdir -p /etc/docker",
    "mount -t tmpfs tmpfs /etc/docker",
    `install -D ${pair.authorities} /etc/docker/certs.d/${name}/ca.crt`,
    `mount --bind ${file("hosts")} /etc/hosts`,
    `exec dockerd --host unix://${file("socket")} --data-root ${file("data")} --exec-root ${file("run")} --pidfile ${file("pid")} --bridge none --iptables=false --log-level error`,
  ];
  engine = pair.first.runOnNetwork(script.join("\n"));
  docker = new Docker({ socketPath: file("socket") });
  await until(
    "the engine answers",
    () =>
      docker.ping().then(
        () => true,
        () => false,
      ),
    60_000,
  );
  image = await pushed();
  const { home: engineHome } = await ensureEngine({ needs: ["docker"] }, () => {});
  plugin = await startPlugin(join(pluginDirectory(engineHome, "docker"), "pulumi-resource-docker"));
});

afterAlways(async () => {
  await plugin?.stop();
  engine?.kill("SIGTERM");
  await until(
    "the engine has ended",
    () => engine === undefined || engine.exitCode !== null || engine.signalCode !== null,
    30_000,
  ).catch(() => engine.kill("SIGKILL"));
  await pair?.stop();
  rmSync(home, { recursive: true, force: true });
});

/** Pushes a small image, and lets the engine forget it. */
async function pushed(): Promise<string> {
  const content = join(home, "content");
  mkdirSync(content);
  writeFileSync(join(content, "file"), "content");
  execFileSync("tar", ["--create", `--file=${home}/content.tar`, `--directory=${content}`, "."]);
  const repository = `${name}/policy/small`;
  const done = (stream: NodeJS.ReadableStream) =>
    new Promise<{ readonly error?: string }[]>((resolve, reject) =>
      docker.modem.followProgress(stream, (error, said) => (error ? reject(error) : resolve(said as { error?: string }[]))),
    );
  await done(await docker.importImage(`${home}/content.tar`, { repo: repository, tag: "1" }));
  const authconfig = { username: "push-policy", password: pair.accounts["push-policy"], serveraddress: name };
  const said = await done(await docker.getImage(`${repository}:1`).push({ tag: "1", authconfig }));
  assert.deepEqual(
    said.flatMap(({ error }) => error ?? []),
    [],
  );
  const { RepoDigests = [] } = await docker.getImage(`${repository}:1`).inspect();
  await docker.getImage(`${repository}:1`).remove();
  assert.deepEqual(await docker.listImages(), []);
  return RepoDigests[0] ?? "";
}

/** What a host of a real machine tells its engine's provider; only where the engine is, is the test's. */
async function settings(password: string): Promise<Record<string, string>> {
  let inputs: Record<string, unknown> = {};
  await pulumi.runtime.setMocks({
    newResource: ({ type, inputs: given }) => {
      if (type === "pulumi:providers:docker") inputs = given;
      return { id: "id", state: given };
    },
    call: () => ({}),
  });
  const machine = { ...realMachine, registry: { address: name, username: "pull-policy", password } };
  const { engine: provider } = new Host("host", {
    ...{ machine, place: pair.first.host },
    access: { user: "tandem", port: 22, privateKey: "key", hostKey: "ssh-ed25519 AAAA" },
  });
  await new Promise((resolve) => provider.id.apply(resolve));
  const login = inputs["registryAuth"] as { readonly value: string };
  return { host: `unix://${join(home, "socket")}`, registryAuth: login.value };
}

const container = () =>
  plugin.create("docker:index/container:Container", { name: "small", image, start: false, mustRun: false, command: ["x"] });

test("a host's engine gets an image as its zone's account, by digest, and none without its password", async () => {
  await plugin.configure(await settings("wrong"));
  await assert.rejects(container(), /unauthorized|authentication/);
  assert.deepEqual(await docker.listImages(), []);
  await plugin.configure(await settings(pair.accounts["pull-policy"] ?? ""));
  await container();
  assert.deepEqual(
    (await docker.listImages()).flatMap(({ RepoDigests = [] }) => RepoDigests),
    [image],
  );
});
