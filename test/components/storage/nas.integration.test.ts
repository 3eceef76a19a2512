import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { nobody } from "../../../components/storage/ganesha.render.ts";
import { exportsOf } from "../../../environments/model/exports.ts";
import { loadEnvironment } from "../../../environments/model/load.ts";
import { serviceAccount } from "../../../environments/model/service-account.ts";
import type { Host, Volume, Zone } from "../../../environments/model/topology.ts";
import { topologyOf } from "../../../environments/model/topology-of.ts";
import { volumesOf } from "../../../environments/model/volumes.ts";
import { readUse, undeclaredIn, useOf } from "../../../scripts/nas/use.ts";
import { type Nas, startNas } from "../../support/nas.ts";
import { until } from "../../support/until.ts";

// A real server, and real clients whose kernel mounts as a container's volume does.

const topology = topologyOf(loadEnvironment("lab", { slot: 0 }));
const [site] = topology.sites;
assert.ok(site);
const exports = exportsOf(topology, site);
const volumes = volumesOf(topology);
const zone = (name: string): Zone => site.zones.find((one) => one.name === name) as Zone;
const worker = (name: string): string => (zone(name).hosts.find(({ role }) => role === "worker") as Host).addresses.storage;
const [host] = zone("platform").hosts.filter(({ role }) => role === "nas") as [Host];
let nas: Nas;

before(async () => {
  nas = await startNas(host, exports, volumes, topology.timings);
});
after(() => nas?.stop());

/** As Docker's local driver mounts: https://docs.docker.com/engine/storage/volumes/#create-a-service-which-creates-an-nfs-volume */
const mount = (path: string): string => `mount -t nfs -o nfsvers=4.1,hard,retry=0 "$server:${path}" /mnt || exit`;
const isThere = (directory: string): boolean => existsSync(join(nas.data, directory));
const asService = `setpriv --reuid=${serviceAccount.id} --regid=${serviceAccount.id} --clear-groups`;

test("the server listens on the port that the table of flows leads to and no other, by TCP alone", () => {
  assert.deepEqual(nas.listens(), ["tcp *:2049"]);
});

test("each zone's hosts write, read back and lock in their own tree, over NFS 4.1 that waits for its server", async () => {
  for (const { zone: name, path } of exports) {
    const { code, output } = await nas.client(
      worker(name),
      `${mount(path)}
grep -o 'vers=4.1.*hard' /proc/mounts
${asService} sh -c 'cd /mnt && echo ${name} > file && flock --exclusive file cat file && ls -n file'`,
    );
    assert.equal(code, 0, `${output}\n${nas.said()}`);
    assert.match(output, new RegExp(`^vers=4\\.1.*hard\\n${name}\\n-rw-r--r-- 1 ${serviceAccount.id} ${serviceAccount.id} `));
  }
});

test("another zone's tree is not there for a zone, and neither is what lies beside the zones", async () => {
  const { output } = await nas.client(
    worker("office"),
    ["/policy", "/.recovery", "/srv/nas/policy", "/../policy"]
      .map(
        (path) =>
          `mount -t nfs -o nfsvers=4.1,hard,retry=0 "$server:${path}" /mnt && echo MOUNTED; mount -t nfs -o nfsvers=4.1 "$server:/" /mnt && ls -a /mnt${path}; umount /mnt`,
      )
      .join("\n"),
  );
  assert.doesNotMatch(output, /MOUNTED/);
});

test("a client's root is nobody: it neither reads nor gives away what belongs to a service", async () => {
  const { output } = await nas.client(
    worker("office"),
    `${mount("/office")}
${asService} sh -c 'cd /mnt; umask 077; mkdir -m 0711 open; echo secret > open/own; chmod 0711 .'
cd /mnt/open; cat own; chown 0:0 own; rm own
${asService} sh -c 'ls -n own; cat own; chmod 0770 ..'`,
  );
  assert.match(output, /cat: own: Permission denied/);
  assert.match(output, /-rw------- 1 900 900 .*\nsecret$/);
});

test("a server that dies in the middle of writes stalls them, and when it is back they go on: nothing is lost, nothing is there twice", async () => {
  const written = 400;
  const writing = nas.client(
    worker("policy"),
    `${mount("/policy")}
${asService} sh -c 'cd /mnt; for number in $(seq ${written}); do echo $number >> rows || exit; done'`,
  );
  const rows = (): string[] => {
    const file = join(nas.data, "policy/rows");
    return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
  };
  await until("the client writes", () => rows().length > 20);
  await nas.crash();
  const before = rows().length;
  assert.ok(before < written);
  await nas.start();
  const { code, output } = await writing;
  assert.equal(code, 0, output);
  assert.deepEqual(
    rows(),
    Array.from({ length: written }, (_, index) => String(index + 1)),
  );
});

test("when its files came to another disk, what clients hold is stale; unmounted and mounted anew, all is there", async () => {
  const looking = nas.client(
    worker("policy"),
    `${mount("/policy")}
${asService} sh -c 'echo of before > /mnt/moved && touch /mnt/is-mounted'
for second in $(seq 150); do ls -l /mnt 2>&1 | grep -q "Stale file handle" && echo stale && break; sleep 1; done
umount -l /mnt
${mount("/policy")}
cat /mnt/moved`,
  );
  await until("it is mounted", () => isThere("policy/is-mounted"), 30_000);
  await nas.crash();
  execFileSync("cp", ["--archive", "--no-target-directory", nas.data, `${nas.data}.other`]);
  rmSync(nas.data, { recursive: true });
  renameSync(`${nas.data}.other`, nas.data);
  await nas.start();
  assert.deepEqual(await looking, { code: 0, output: "stale\nof before" });
});

test("a zone's tree can be mounted when the exports name it, and no longer when they do not; the others' clients go on", async () => {
  const at = (name: string) => nas.client(worker(name), mount(`/${name}`));
  nas.export(
    exports.filter(({ zone: name }) => name !== "partner"),
    volumes,
  );
  await until("it is gone", async () => (await at("partner")).code !== 0, 60_000);
  assert.equal((await at("office")).code, 0);
  nas.export(exports, volumes);
  await until("it is back", async () => (await at("partner")).code === 0, 60_000);
});

const volumeIn = (stack: string): Volume => {
  const [zoneName, service] = ["policy", "letters"];
  return {
    zone: zoneName,
    stack,
    service,
    directory: `${zoneName}/${stack}/${service}`,
    sizeGib: 1,
    users: [service],
    isOfSite: false,
  };
};

test("volumes have their directories from the beginning, of the account of the services; one that comes later has its own without a restart", async () => {
  for (const { directory } of volumes.filter((volume) => exports.some((one) => one.zone === volume.zone))) {
    const { uid, gid, mode } = statSync(join(nas.data, directory));
    assert.deepEqual([uid, gid, mode & 0o7777], [serviceAccount.id, serviceAccount.id, 0o770], directory);
  }
  const { code, output } = await nas.client(
    worker("policy"),
    `${mount("/policy/claims/documents")}
${asService} sh -c 'cd /mnt && echo deep > file && cat file && rm file'
ls /mnt; ls /mnt`,
  );
  // The first question of a client's root about a directory of which something was just removed, Ganesha 4.3 answers with an error of its own.
  assert.notEqual(code, 0);
  assert.match(output, /^deep\n.*Permission denied$/s);
  const later = volumeIn("mailroom");
  assert.ok(!isThere(later.directory));
  nas.export(exports, [...volumes, later]);
  await until("it has its directory", () => isThere(later.directory));
});

test("in a StorageClass's directory a node's root makes a claim's, where members of its group write and nobody else reads", async () => {
  const pool: Volume = { ...volumeIn("pool"), reclaimPolicy: "Retain" };
  nas.export(exports, [...volumes, pool]);
  await until("it has its directory", () => isThere(pool.directory));
  const pod = (groups: string): string => `setpriv --reuid=1000 --regid=1000 ${groups} sh -c`;
  // As the driver does, whose controller is a node's root: https://github.com/kubernetes-csi/csi-driver-nfs/blob/v4.13.5/pkg/nfs/controllerserver.go
  const { code, output } = await nas.client(
    worker("policy"),
    `${mount(`/${pool.directory}`)}
cd /mnt && mkdir -p files && chmod 0770 files && ls -nd files | cut -d' ' -f1,3,4 || exit
${pod(`--groups=${serviceAccount.id}`)} 'echo of a pod > files/file && cat files/file' || exit
${pod("--clear-groups")} 'cat files/file'`,
  );
  assert.notEqual(code, 0);
  assert.match(output, new RegExp(`^drwxrw[xs]--- ${nobody} ${serviceAccount.id}\nof a pod\n.*Permission denied$`, "s"));
});

test("a link that a zone has put where a volume comes leads the server nowhere", async () => {
  const { code, output } = await nas.client(
    worker("policy"),
    `${mount("/policy")}\n${asService} sh -c 'ln -s ${join("/srv/nas", "office")} /mnt/trap'`,
  );
  assert.equal(code, 0, output);
  nas.export(exports, [...volumes, volumeIn("trap"), volumeIn("unharmed")]);
  await until("what comes after it in order is made", () => isThere(volumeIn("unharmed").directory));
  assert.ok(!isThere("office/letters"));
  assert.match(nas.said(), /policy\/trap: there is a link in it; it is not made/);
});

test("what each volume holds is measured in its directory, also what nobody declared", async () => {
  const mib = 2 ** 20;
  const { code, output } = await nas.client(
    worker("policy"),
    `${mount("/policy")}
${asService} sh -c 'cd /mnt && dd if=/dev/urandom of=claims/documents/file bs=1M count=3 && mkdir -p own/left && dd if=/dev/urandom of=own/left/file bs=1M count=1'`,
  );
  assert.equal(code, 0, output);
  const use = readUse(nas.measure());
  const [holds] = useOf(
    use,
    volumes.filter(({ directory }) => directory === "policy/claims/documents"),
  );
  assert.ok(holds?.bytes !== undefined && holds.bytes >= 3 * mib && holds.bytes < 3.1 * mib, String(holds?.bytes));
  const left = undeclaredIn(use, volumes).find(([directory]) => directory === "policy/own/left");
  assert.ok(left && left[1] >= mib && left[1] < 1.1 * mib);
  assert.ok(use.free > 0 && use.free < use.size);
});
