import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import ssh2 from "ssh2";
import { pinnedHostKey } from "../../../environments/model/known-hosts.ts";
import { isDebianOrUbuntu } from "../../../scripts/lab/docker-package.ts";
import { renderFirewall } from "../../../scripts/lab/firewall.ts";
import { labId } from "../../../scripts/lab/instance.ts";
import { ensureKeys, generateKeyPair, knownHostsFile, operatorKeyFile } from "../../../scripts/lab/keys.ts";
import { colliding, networksOf } from "../../../scripts/lab/machine-networks.ts";
import { hostsOf, labTopology } from "../../../scripts/lab/machines.ts";
import { byFileSystem, type Found, labNeeds, machineProblems, type Needed } from "../../../scripts/lab/preflight.ts";
import { claimSlot, readClaims, releaseSlot } from "../../../scripts/lab/slots.ts";

const scratch = mkdtempSync(join(tmpdir(), "tandem-ground-"));
after(() => rmSync(scratch, { recursive: true, force: true }));

const debian = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\n';
const fedora = 'PRETTY_NAME="Fedora Linux 44"\nID=fedora\n';

test("Debian and Ubuntu are known by their os-release; what derives from them has packages of its own", () => {
  for (const text of [debian, "ID=ubuntu\n", 'ID="debian"\n']) assert.equal(isDebianOrUbuntu(text), true, text);
  for (const text of [fedora, "", "VARIANT_ID=debian\n", 'ID=linuxmint\nID_LIKE="ubuntu debian"\n'])
    assert.equal(isDebianOrUbuntu(text), false, text);
});

const sound: Found = {
  architecture: "x64",
  platform: "linux",
  root: true,
  system: debian,
  processors: 2,
  memoryMib: 4_000,
  diskMib: { "/state": 20_000 },
  kernel: [],
  networks: [{ device: "eth0", cidr: "192.0.2.0/24" }],
};
const needed: Needed = {
  beside: [],
  memoryMib: 3_000,
  diskMib: { "/state": 8_000, "/cache": 12_000 },
  supernet: "10.77.0.0/16",
  held: [],
};

test("a machine that holds the lab has no problems", () => assert.deepEqual(machineProblems(sound, needed), []));

test("all that a machine lacks is said at once, each with what was found and what is needed", () => {
  const problems = machineProblems(
    {
      architecture: "s390x",
      platform: "linux",
      root: false,
      system: fedora,
      processors: 1,
      memoryMib: 2_999,
      diskMib: { "/state": 7_999, "/cache": 12_000 },
      kernel: ["overlay file system (overlay)"],
      networks: [{ device: "wg0", cidr: "10.0.0.0/8" }],
    },
    needed,
  );
  const wanted = [
    /s390x.*x64/,
    /Fedora Linux 44.*Debian or Ubuntu/,
    /ordinary user.*root/,
    /2999 MiB.*3000 MiB/,
    /7999 MiB free for \/state.*8000 MiB/,
    /overlay/,
    /10\.77\.0\.0\/16.*10\.0\.0\.0\/8 on wg0/,
  ];
  assert.equal(problems.length, wanted.length);
  for (const [index, pattern] of wanted.entries()) assert.match(problems[index] ?? "", pattern);
});

test("what is needed on one file system is added up", () => {
  const [a, b] = [join(scratch, "not", "there"), join(scratch, "b")];
  assert.deepEqual(byFileSystem({ [a]: 1, [b]: 2, "/proc": 3, "/sys": 0 }), { [`${a} and ${b}`]: 3, "/proc": 3 });
});

test("a new lab is told before anything is made that no address range is free, and what has each", () => {
  const held = [0, 1, 2].map((slot) => ({ slot, id: `lab${slot}`, checkout: "/other", directory: "/", claimedAt: "" }));
  const anew = { ...needed, supernet: undefined };
  assert.deepEqual(machineProblems(sound, { ...anew, held }), []);
  const crowded = { ...sound, networks: [{ device: "wg0", cidr: "10.0.0.0/8" }] };
  const [problem = "", ...others] = machineProblems(crowded, { ...anew, held });
  assert.equal(others.length, 0);
  assert.match(problem, /10\.78\.0\.0\/16: lab lab1 of \/other/);
  assert.match(problem, /10\.0\.0\.0\/8 on wg0/);
});

test("a whole lab beside others is refused where processors are too few, and who has them is said", () => {
  const beside = [{ slot: 1, id: "lab1", checkout: "/other", directory: "/", claimedAt: "" }];
  assert.deepEqual(machineProblems({ ...sound, processors: 4 }, { ...needed, beside }), []);
  const [problem = "", ...others] = machineProblems({ ...sound, processors: 3 }, { ...needed, beside });
  assert.equal(others.length, 0);
  assert.match(problem, /^processors: found 3; needed are 4/);
  assert.match(problem, /10\.78\.0\.0\/16: lab lab1 of \/other/);
});

test("a lab and an engine that are there already have taken their share: a second run needs little", () => {
  const [first, second] = [labNeeds({ lab: false, built: false }), labNeeds({ lab: true, built: true })];
  assert.ok(second.memoryMib <= 500 && second.stateMib <= 1_000 && second.cacheMib <= 1_000 && second.goMib === 0);
  const { cacheMib, goMib } = labNeeds({ lab: true, built: false });
  assert.deepEqual([cacheMib, goMib], [first.cacheMib, first.goMib]);
  assert.ok(first.memoryMib > second.memoryMib && first.stateMib > second.stateMib);
});

test("the machine's networks are read without its default route and without the bridges of labs", () => {
  const routes = [
    { dst: "default", dev: "eth0" },
    { dst: "192.0.2.0/24", dev: "eth0" },
    { dst: "10.77.1.0/24", dev: "td0-1-110" },
    { dst: "10.9.9.9", dev: "wg0" },
    { type: "local", dst: "192.0.2.2", dev: "eth0" },
    { type: "broadcast", dst: "192.0.2.255", dev: "eth0" },
  ];
  const networks = networksOf(JSON.stringify(routes));
  assert.deepEqual(networks, [
    { device: "eth0", cidr: "192.0.2.0/24" },
    { device: "wg0", cidr: "10.9.9.9/32" },
  ]);
  assert.deepEqual(
    colliding("10.9.0.0/16", networks).map(({ device }) => device),
    ["wg0"],
  );
  assert.deepEqual(colliding("10.10.0.0/16", networks), []);
});

const labIn = (name: string): { id: string; checkout: string; directory: string } => {
  const directory = join(scratch, name);
  mkdirSync(directory, { recursive: true });
  return { id: name, checkout: "/checkout", directory };
};

test("labs take the lowest slot that is free, keep it, and give it back", async () => {
  const slots = join(scratch, "slots");
  const networks = [{ device: "wg0", cidr: "10.78.4.0/24" }];
  const [a, b] = [labIn("a"), labIn("b")];
  assert.equal(await claimSlot(a, networks, slots), 0);
  assert.equal(await claimSlot(b, networks, slots), 2);
  assert.equal(await claimSlot(a, networks, slots), 0);
  releaseSlot("a", slots);
  assert.deepEqual(
    readClaims(slots).map(({ id }) => id),
    ["b"],
  );
  releaseSlot("b", slots);
  assert.equal(existsSync(slots), false);
});

test("a slot whose lab is gone is taken over", async () => {
  const slots = join(scratch, "slots-of-the-dead");
  const dead = labIn("dead");
  await claimSlot(dead, [], slots);
  rmSync(dead.directory, { recursive: true });
  assert.equal(await claimSlot(labIn("heir"), [], slots), 0);
});

test("when no slot is left, the refusal names who holds which", async () => {
  const slots = join(scratch, "slots-taken");
  await claimSlot(labIn("first"), [], slots);
  await assert.rejects(
    claimSlot(labIn("second"), [{ device: "wg0", cidr: "10.0.0.0/8" }], slots),
    /10\.77\.0\.0\/16: lab first of \/checkout/,
  );
});

test("two checkouts, and two names in one checkout, are two labs", () => {
  assert.equal(labId(scratch, ""), labId(scratch, ""));
  assert.notEqual(labId(scratch, ""), labId(tmpdir(), ""));
  assert.notEqual(labId(scratch, ""), labId(scratch, "other"));
  assert.throws(() => labId(scratch, "../x"), /TANDEM_LAB_INSTANCE: given "\.\.\/x"; allowed/);
});

test("keys are made once, pinned by management address, and readable by their owner alone", () => {
  const directory = join(scratch, "keys");
  const hosts = hostsOf(labTopology({ slot: 3 })).slice(0, 2);
  ensureKeys(directory, hosts, 22);
  const read = (file: string): string => readFileSync(file, "utf8");
  const before = [operatorKeyFile(directory), knownHostsFile(directory)].map(read);
  ensureKeys(directory, hosts, 22);
  assert.deepEqual([operatorKeyFile(directory), knownHostsFile(directory)].map(read), before);
  assert.equal(statSync(operatorKeyFile(directory)).mode & 0o777, 0o600);
  for (const host of hosts) {
    const file = join(directory, "hosts", host.name, "ssh_host_ed25519_key");
    const key = ssh2.utils.parseKey(read(file));
    assert.ok(!(key instanceof Error));
    const pinned = pinnedHostKey(read(knownHostsFile(directory)), host.addresses.management, 22);
    assert.equal(pinned?.split(" ")[1], key.getPublicSSH().toString("base64"));
  }
});

test("the packet filter of one slot never matches another slot's bridges", () => {
  const bridges = [...renderFirewall(1).matchAll(/ -[io] (\S+)/g)].map(([, name]) => name);
  assert.deepEqual(new Set(bridges), new Set(["td1-+"]));
  assert.equal("td10-1-110".startsWith("td1-"), false);
});

test("every key pair can be read, also the ones whose first byte is zero", () => {
  for (let index = 0; index < 800; index++) {
    const pair = generateKeyPair("a host");
    const blob = Buffer.from(pair.public.split(" ")[1] ?? "", "base64");
    assert.equal(blob.length, 51);
    assert.ok(!(ssh2.utils.parseKey(pair.private) instanceof Error));
  }
});
