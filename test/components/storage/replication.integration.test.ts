import assert from "node:assert/strict";
import { type ChildProcess, execFileSync } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  globSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { nasPaths } from "../../../components/storage/ganesha.render.ts";
import {
  type Replication,
  renderFollowed,
  renderModule,
  renderReplication,
  renderTunnel,
  replicationCapabilities,
  replicationPaths,
} from "../../../components/storage/replication.render.ts";
import { loadEnvironment } from "../../../environments/model/load.ts";
import type { Host } from "../../../environments/model/topology.ts";
import { topologyOf } from "../../../environments/model/topology-of.ts";
import { volumesOf } from "../../../environments/model/volumes.ts";
import { readFollowed } from "../../../scripts/deploy/followed.ts";
import { serviceImages } from "../../../scripts/lab/service-images.ts";
import { testAuthority } from "../../support/certificates.ts";
import { spawnOwned, whenInterrupted } from "../../support/interrupted.ts";
import { inNetworkOf, unpacked } from "../../support/unpacked.ts";
import { until } from "../../support/until.ts";

// Two NAS with rsync and stunnel from the lab's image, what their component writes and the capabilities that it gives, in a network of their own.

const topology = topologyOf(loadEnvironment("lab", { slot: 0 }));
const nasOf = (name: string): Host =>
  topology.sites
    .filter((site) => site.name === name)
    .flatMap(({ zones }) => zones.flatMap(({ hosts }) => hosts.filter(({ role }) => role === "nas")))[0] as Host;
const [first, second] = [nasOf("dc1"), nasOf("dc2")];
const backups = "platform/core/database-backup";

const home = mkdtempSync(join(tmpdir(), "tandem-nas-"));
const sign = testAuthority(home);
let image: Awaited<ReturnType<typeof unpacked>>;
let keeper: ChildProcess;
const running = new Map<Host, ChildProcess>();

const dataOf = ({ name }: Host, path = ""): string => join(home, name, "data", path);
const give = (host: Host, path: string, content: string): void => {
  mkdirSync(dirname(dataOf(host, path)), { recursive: true });
  writeFileSync(dataOf(host, path), content);
};
const read = (host: Host, path: string): string | undefined =>
  existsSync(dataOf(host, path)) ? readFileSync(dataOf(host, path), "utf8") : undefined;
const followed = () => {
  const script = renderFollowed().replaceAll(nasPaths.data, dataOf(second));
  return readFollowed(execFileSync("sh", ["-c", script], { encoding: "utf8" }));
};

before(async () => {
  image = await unpacked(serviceImages.nas);
  for (const host of [first, second]) {
    sign(host.name, `/CN=${host.name}`, `subjectAltName=DNS:${host.fqdn}`);
    mkdirSync(dataOf(host), { recursive: true });
  }
  sign("somebody", "/CN=somebody", "subjectAltName=DNS:somebody.lab.tandem.internal");
  mkdirSync(join(image.root, nasPaths.data), { recursive: true });
  mkdirSync(join(image.root, replicationPaths.directory), { recursive: true });
  const addresses = [first, second].map(({ addresses: { storage } }) => `ip address add ${storage}/32 dev lo`).join("\n");
  keeper = spawnOwned("unshare", ["--net", "sh", "-ec", `ip link set lo up\n${addresses}\necho ready\nexec sleep infinity`], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (keeper.stdout) await once(keeper.stdout, "data");
});
const clear = (): void => {
  rmSync(home, { recursive: true, force: true });
  image?.remove();
};
whenInterrupted(clear);
after(async () => {
  for (const host of running.keys()) await end(host);
  keeper?.kill("SIGKILL");
  clear();
});

async function end(host: Host): Promise<void> {
  const process = running.get(host);
  if (!process) return;
  running.delete(host);
  const exited = once(process, "exit");
  process.kill("SIGKILL");
  await exited;
}

/** Starts a NAS's container as its component makes it. */
function start(self: Host, follows: boolean, certificate: string = self.name): void {
  const other = self === first ? second : first;
  const replication: Replication = { self, other, follows, everyMinutes: 1, volumes: volumesOf(topology) };
  const texts = {
    [replicationPaths.run]: renderReplication(replication),
    [replicationPaths.tunnel]: renderTunnel(replication),
    [replicationPaths.module]: renderModule(),
    [replicationPaths.certificate]: ["crt", "key"]
      .map((kind) => readFileSync(join(home, `${certificate}.${kind}`), "utf8"))
      .join(""),
    [replicationPaths.authorities]: readFileSync(join(home, "ca.crt"), "utf8"),
  };
  const configuration = join(home, self.name, "configuration");
  for (const [path, text] of Object.entries(texts)) {
    const file = path.replace(replicationPaths.directory, configuration);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text, { mode: 0o600 });
  }
  const capabilities = replicationCapabilities.map((name) => `+${name.slice("CAP_".length).toLowerCase()}`).join(",");
  const { root } = image;
  const script = `mount --bind ${configuration} ${root}${replicationPaths.directory}
mount --bind ${dataOf(self)} ${root}${nasPaths.data}
mount --bind /dev ${root}/dev
mount -t proc proc ${root}/proc
exec chroot ${root} setpriv --bounding-set=-all,${capabilities} sh ${replicationPaths.run}`;
  running.set(self, inNetworkOf(keeper.pid, script, "ignore"));
}

/** Lets the second follow the first until a copy has been made, or has failed, and returns what it says of it. */
async function follow(certificate?: string): Promise<ReturnType<typeof readFollowed>> {
  const last = dataOf(second, ".replication/last");
  const made = (): number => (existsSync(last) ? statSync(last).mtimeMs : 0);
  const before = made();
  rmSync(dataOf(second, ".replication/problem"), { force: true });
  start(second, true, certificate);
  await until("a copy was made, or failed", () => followed().problem !== undefined || made() !== before, 60_000);
  await end(second);
  return followed();
}

test("the standby's NAS has what the active site's has, with owners, modes and links; each site's own backups stay its own", async () => {
  give(first, "policy/claims/documents/a", "of the first");
  execFileSync("chown", ["900:1234", dataOf(first, "policy/claims/documents/a")]);
  execFileSync("chmod", ["0640", dataOf(first, "policy/claims/documents/a")]);
  linkSync(dataOf(first, "policy/claims/documents/a"), dataOf(first, "policy/claims/documents/b"));
  give(first, `${backups}/full`, "of the first");
  give(second, `${backups}/full`, "of the second");
  give(first, ".recovery/client", "of the first");
  start(first, false);
  await until("it has a lineage", () => read(first, ".lineage") !== undefined);
  const began = Date.now() / 1000;
  const { problem, until: last } = await follow();
  assert.equal(problem, undefined);
  assert.ok(last !== undefined && last >= Math.floor(began) && last <= Date.now() / 1000);
  const { uid, gid, mode, nlink } = statSync(dataOf(second, "policy/claims/documents/b"));
  assert.deepEqual([uid, gid, mode & 0o7777, nlink], [900, 1234, 0o640, 2]);
  assert.equal(read(second, `${backups}/full`), "of the second");
  assert.equal(read(second, ".recovery/client"), undefined);
  assert.equal(read(second, ".lineage"), read(first, ".lineage"));
});

test("what is changed or deleted at the active site is so at the other one with the next copy", async () => {
  unlinkSync(dataOf(first, "policy/claims/documents/a"));
  give(first, "policy/claims/documents/b", "changed");
  assert.equal((await follow()).problem, undefined);
  assert.deepEqual(
    [read(second, "policy/claims/documents/a"), read(second, "policy/claims/documents/b")],
    [undefined, "changed"],
  );
});

test("what is declared at the standby site, which is changed first, stays there while the active site's NAS does not have it yet", async () => {
  rmSync(dataOf(first, "platform/samples"), { recursive: true, force: true });
  for (const path of ["platform/samples/shared", "later", "policy/claims/gone"])
    mkdirSync(dataOf(second, path), { recursive: true });
  const { ino } = statSync(dataOf(second, "later"));
  assert.equal((await follow()).problem, undefined);
  assert.ok(existsSync(dataOf(second, "platform/samples/shared")));
  assert.equal(statSync(dataOf(second, "later")).ino, ino);
  assert.ok(!existsSync(dataOf(second, "policy/claims/gone")));
});

test("a copy that was killed in its middle leaves no half file, and the next one ends it", async () => {
  const [large, size] = ["policy/claims/documents/large", 256 * 1024 * 1024];
  writeFileSync(dataOf(first, large), Buffer.alloc(size, 1));
  start(second, true);
  await until("it is under way", () => globSync(dataOf(second, "policy/claims/documents/.large.*")).length > 0, 30_000);
  await end(second);
  assert.equal(existsSync(dataOf(second, large)), false);
  assert.equal((await follow()).problem, undefined);
  assert.equal(statSync(dataOf(second, large)).size, size);
  assert.deepEqual(globSync(dataOf(second, "policy/claims/documents/.large.*")), []);
  unlinkSync(dataOf(first, large));
});

test("nobody but the other NAS is let in, though the platform's authority knows him", async () => {
  const { problem, until: last } = await follow("somebody");
  assert.match(problem ?? "", /rsync error|error in socket|connection/i);
  assert.ok(last !== undefined);
});

test("what a NAS has that begins to follow, as one whose site was active, is kept beside when the copy takes its place", async () => {
  rmSync(dataOf(second, ".replication/follows"));
  give(second, "policy/claims/documents/late", "written at the second alone");
  assert.equal((await follow()).problem, undefined);
  assert.equal(read(second, "policy/claims/documents/late"), undefined);
  const [kept] = globSync(dataOf(second, ".replaced/*/policy/claims/documents/late"));
  assert.equal(kept && readFileSync(kept, "utf8"), "written at the second alone");
});

test("what was kept so goes after 30 days", async () => {
  const [younger = ""] = globSync(dataOf(second, ".replaced/*"));
  const older = dataOf(second, ".replaced/20200101T000000Z");
  mkdirSync(join(older, "policy"), { recursive: true });
  for (const [directory, days] of [
    [younger, 29],
    [older, 32],
  ] as const) {
    const time = new Date(Date.now() - days * 86_400_000);
    utimesSync(directory, time, time);
  }
  start(second, true);
  await until("the older one has gone", () => !existsSync(older));
  await end(second);
  assert.ok(existsSync(younger));
});

test("a NAS that began anew takes nothing away from the one that follows", async () => {
  const before = read(first, ".lineage") ?? "";
  writeFileSync(dataOf(first, ".lineage"), "another\n");
  give(first, "policy/claims/documents/b", "of another beginning");
  const { problem } = await follow();
  assert.match(problem ?? "", /^the files here, as policy\/claims\/documents\/b, do not go back to those of dc1-platform-nas1: /);
  assert.equal(read(second, "policy/claims/documents/b"), "changed");
  writeFileSync(dataOf(first, ".lineage"), before);
});

test("a NAS with files that are of no other one follows none; one with none follows, also when it began anew", async () => {
  rmSync(dataOf(second, ".lineage"));
  assert.match((await follow()).problem ?? "", /^the files here, as policy\/claims\/documents\/b, do not go back to those of /);
  assert.equal(read(second, "policy/claims/documents/b"), "changed");
  rmSync(dataOf(second, "policy"), { recursive: true });
  writeFileSync(dataOf(second, ".lineage"), "of its own\n");
  assert.equal((await follow()).problem, undefined);
  assert.equal(read(second, "policy/claims/documents/b"), "of another beginning");
  assert.equal(read(second, ".lineage"), read(first, ".lineage"));
});
