import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { configurationVolume } from "../../../components/host/host.ts";
import { serviceAccount } from "../../../environments/model/service-account.ts";
import type { Host, HostRole } from "../../../environments/model/topology.ts";
import { labContainers } from "../../../scripts/lab/machines.ts";
import { filesWith } from "../../support/lab.ts";
import { needlesOf, secretsIn } from "../../support/needles.ts";
import { toggleChangeOfAllMembers } from "../environment.ts";
import { docker, hosts, lab, npmSucceeds, own, printed, sites, zoneOf } from "../session.ts";

/** What anybody may see of the lab and its runs, with one of the needles in it. */
async function placesWith(needles: readonly string[]): Promise<string[]> {
  const holds = (text: string): boolean => needles.some((needle) => text.includes(needle));
  const found = filesWith(own.home, needles);
  if (printed.some(holds)) found.push("what a command printed");
  for (const { id, name } of await labContainers(lab)) {
    const container = docker.getContainer(id);
    if (holds(JSON.stringify(await container.inspect()))) found.push(`docker inspect ${name}`);
    if (holds((await container.logs({ stdout: true, stderr: true })).toString("latin1"))) found.push(`docker logs ${name}`);
  }
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name)))
    for (const file of ["cmdline", "environ"])
      if (holds(orEmpty(() => readFileSync(`/proc/${pid}/${file}`, "latin1")))) found.push(`${file} of process ${pid}`);
  return found;
}

const orEmpty = (read: () => string): string => {
  try {
    return read();
  } catch {
    return "";
  }
};

const mountpointOf = async (volume: string): Promise<string> => (await docker.getVolume(volume).inspect()).Mountpoint;

/** Files of each role's configuration directory that may hold a secret. */
const secretFiles: Readonly<Partial<Record<HostRole, readonly string[]>>> = {
  balancer: ["balancer/statistics.pem", "balancer/users.cfg"],
  "control-plane": [
    "control-plane/datastore.pem",
    "control-plane/encryption.yaml",
    "control-plane/front-proxy-client.pem",
    "control-plane/kine-client.pem",
    "control-plane/kine.pem",
    "control-plane/kube-apiserver.pem",
    "control-plane/kube-controller-manager.pem",
    "control-plane/kube-scheduler.pem",
    "control-plane/kubelet-client.pem",
    "control-plane/metrics-server-client.pem",
    "control-plane/metrics-server.pem",
    "control-plane/node-signer.pem",
    "control-plane/service-account.key",
  ],
  database: ["database/agent.pem", "database/backup.pem", "database/server.pem"],
  nas: ["nas-replication/certificate.pem"],
  registry: ["registry/accounts.cfg", "registry/certificate.pem"],
  worker: ["worker/calico.pem", "worker/image-login.json", "worker/kube-proxy.pem", "worker/kubelet.pem"],
};
/** Beside a registry that fills another one. */
const ofReplication = ["registry-replication/login.json", "registry-replication/request.conf"];

function secretFilesOf({ role, site }: Host): readonly string[] {
  const files = secretFiles[role] ?? [];
  return role === "registry" && sites.some(({ name, role: of }) => name === site && of === "active")
    ? [...ofReplication, ...files]
    : files;
}

test("a secret is found where it was planted: in a file, a process's environment and its command line", async () => {
  const planted = randomBytes(24).toString("hex");
  const file = join(own.home, "planted.log");
  writeFileSync(file, `password=${planted}\n`);
  const sleeper = spawn("sleep", ["600"], { argv0: `sleep-${planted}`, env: { PLANTED: planted }, stdio: "ignore" });
  try {
    const { pid } = sleeper;
    assert.deepEqual(await placesWith([planted]), [file, `cmdline of process ${pid}`, `environ of process ${pid}`]);
  } finally {
    sleeper.kill();
    rmSync(file);
  }
});

test("the trust stack's keys and passwords are on their hosts in files of their own and nowhere else in plain text", async () => {
  const secrets = secretsIn(await npmSucceeds("pulumi", "stack", "export", "--show-secrets", "--stack", "lab-trust"));
  assert.ok(secrets.keys.length > 150 && secrets.passwords.length > 0);
  const needles = needlesOf(secrets);
  await npmSucceeds("preview", "--platform", "lab", "--from-empty", "--diff", "--stack", "lab-trust", "--stack", "lab-dc2");
  // On the real state, where the secrets are known, and with something to show.
  toggleChangeOfAllMembers();
  try {
    const shown = await npmSucceeds("preview", "--platform", "lab", "--diff", "--stack", "lab-trust", "--stack", "lab-dc2");
    assert.match(shown, /kube-apiserver-dc2-platform-cp1/);
  } finally {
    toggleChangeOfAllMembers();
  }
  assert.deepEqual(await placesWith(needles), []);
  for (const host of hosts) {
    const directory = await mountpointOf(configurationVolume(lab.id, host.name));
    const found = filesWith(directory, needles);
    const isBare = host.role === "worker" && !zoneOf(host).hasNodes;
    assert.deepEqual(
      found.map((path) => path.slice(directory.length + 1)),
      isBare ? [] : secretFilesOf(host),
      host.name,
    );
    for (const path of found) {
      const { mode, uid, gid } = statSync(path);
      // A worker's programs are root's, the other services' containers are not.
      const readers = host.role === "worker" ? ["600", 0, 0] : ["640", 0, serviceAccount.id];
      assert.deepEqual([(mode & 0o777).toString(8), uid, gid], readers, path);
    }
    if (host.role === "control-plane")
      assert.deepEqual(filesWith(await mountpointOf(`tandem-${lab.id}-${host.name}-kube-apiserver-data`), needles), []);
  }
});
