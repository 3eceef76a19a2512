import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createConnection, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, test } from "node:test";
import type Docker from "dockerode";
import type { Host, Zone } from "../../../environments/model/topology.ts";
import type { Lab } from "../../../scripts/lab/instance.ts";
import { afterAlways, whileUninterrupted } from "../../support/interrupted.ts";
import { until } from "../../support/until.ts";

// A lab of its own beside the checkout's: set before the modules that read it are loaded.
const home = mkdtempSync(join(tmpdir(), "tandem-lab-test-"));
process.env["XDG_STATE_HOME"] = home;
process.env["TANDEM_LAB_INSTANCE"] = `test-${process.pid}`;
const { machineEnds, makeMachine, makeNetworks, tracesOf } = await import("./lab-on-machine.ts");
const { clientOf } = await import("../../../scripts/lab/daemon.ts");
const { takeDown } = await import("../../../scripts/lab/down.ts");
const { checkout } = await import("../../../scripts/console/directories.ts");
const { labDirectory, labId, writeLab } = await import("../../../scripts/lab/instance.ts");
const { setLink } = await import("../../../scripts/lab/links.ts");
const { hostsOf, labTopology } = await import("../../../scripts/lab/machines.ts");
const { powerOff, powerOn } = await import("../../../scripts/lab/power.ts");
const { isResting, whileResting } = await import("../../../scripts/lab/rest.ts");
const { greets, runOnHost } = await import("../../../scripts/lab/ssh.ts");
const { readStatus } = await import("../../../scripts/lab/status.ts");
const { removeStrays } = await import("../../../scripts/lab/strays.ts");
const { labUp } = await import("../../../scripts/lab/up.ts");

let lab: Lab;
let docker: Docker;
let zone: Zone;
let one: Host;
let other: Host;
let networks: string[];
let machines: Docker.Container[];
let service: Docker.Container;
let pairs: string[];

const down = async (): Promise<string[]> => {
  const said: string[] = [];
  await takeDown((line) => said.push(line));
  return said;
};

before(async () => {
  // Also where the user has an engine: the tests kill theirs.
  writeLab({
    ...{ id: labId(), checkout, directory: labDirectory(), slot: 0, dockerHost: "", engine: "private", engineId: "" },
    ...{
      machineImage: "",
      image: "",
      workerMachineImage: "",
      workerImage: "",
      images: {},
      sshUser: "",
      sshPort: 22,
      createdAt: new Date().toISOString(),
    },
  });
  lab = await whileUninterrupted(labUp);
  docker = clientOf(lab.dockerHost);
  zone = labTopology(lab).sites[0]?.zones[0] as Zone;
  [one, other] = zone.hosts.filter((host) => host.role === "database") as [Host, Host];
  networks = await makeNetworks(docker, lab, zone);
  machines = await Promise.all([makeMachine(docker, lab, one), makeMachine(docker, lab, other)]);
  for (const host of [one, other]) await until(`${host.name} greets`, () => greets(host, lab.sshPort, 2), 30_000);
  service = await docker.createContainer({
    Image: lab.image,
    Entrypoint: ["sleep", "infinity"],
    Labels: { "tandem.lab": lab.id, "tandem.host": one.name, "tandem.service": "test" },
    HostConfig: {
      NetworkMode: `container:${machines[0]?.id}`,
      PidMode: `container:${machines[0]?.id}`,
      RestartPolicy: { Name: "unless-stopped" },
    },
  });
  await service.start();
  pairs = machineEnds(lab);
});

afterAlways(async () => {
  try {
    await down();
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});

const on = async (host: Host, command: string): Promise<string> => {
  const { code, stdout, stderr } = await runOnHost(lab, host, command);
  assert.equal(code, 0, `${command}: ${stderr}`);
  return stdout.trim();
};

const reaches = async (from: Host, address: string): Promise<boolean> =>
  (await runOnHost(lab, from, `ping -c 1 -W 1 ${address}`)).code === 0;

const isRunning = async (container: Docker.Container): Promise<boolean> => (await container.inspect()).State.Running;

test("every machine answers with its own pinned key and holds one address a plane", async () => {
  assert.equal(pairs.length, 6);
  for (const host of [one, other]) {
    assert.equal(await on(host, "hostname"), host.name);
    const addresses = await on(host, "ip -brief -4 address | awk '{print $1, $3}' | cut -d/ -f1 | sort");
    const { business, management, storage } = host.addresses;
    assert.deepEqual(addresses.replaceAll(/@\S+/g, "").split("\n"), [
      `business0 ${business}`,
      "lo 127.0.0.1",
      `management0 ${management}`,
      `storage0 ${storage}`,
    ]);
  }
});

test("a machine with another host key is refused", async () => {
  const pins = join(lab.directory, "known_hosts");
  const right = readFileSync(pins, "utf8");
  const key = (host: Host): string =>
    right
      .split("\n")
      .find((line) => line.startsWith(`${host.addresses.management} `))
      ?.split(" ")[2] ?? "";
  writeFileSync(pins, right.replace(key(one), key(other)));
  try {
    await assert.rejects(runOnHost(lab, one, "true"), /host|verif|handshake/i);
  } finally {
    writeFileSync(pins, right);
  }
});

test("a cut cable stops one plane of one host, and its addresses and routes stay", async () => {
  const address = other.addresses.storage;
  const storage = { name: "storage", address };
  const before = await on(other, "ip -4 address show scope global; ip route");
  assert.equal(await reaches(one, address), true);
  assert.equal(await setLink(lab, other, storage, "down"), true);
  assert.equal(await setLink(lab, other, storage, "down"), false);
  assert.equal(await reaches(one, address), false);
  assert.equal(await reaches(one, other.addresses.business), true);
  const route = (text: string): string[] =>
    text.split("\n").map((line) => line.match(/inet \S+|^\d+\.\S+.*src \S+|^default.*dev \S+/)?.[0] ?? "");
  assert.deepEqual(route(await on(other, "ip -4 address show scope global; ip route")), route(before));
  assert.equal(await setLink(lab, other, storage, "up"), true);
  await until("the plane is back", () => reaches(one, address), 15_000);
});

test("a machine can't open a connection to the machine that the lab runs on", async () => {
  const operator = zone.planes.management.operatorAddress ?? "";
  const server = createServer((socket) => socket.end("open")).listen(0, operator);
  await once(server, "listening");
  try {
    const { port } = server.address() as AddressInfo;
    const [greeting] = await once(createConnection(port, operator), "data");
    assert.equal(String(greeting), "open");
    assert.equal((await runOnHost(lab, one, `nc -z -w 1 ${operator} ${port}`)).code, 1);
    assert.equal(await reaches(one, operator), false);
  } finally {
    server.close();
  }
});

test("a power failure takes a host's services along, and it comes back with its addresses and services", async () => {
  const before = await on(one, "ip -brief -4 address | sed 's/@[^ ]*//' | sort");
  assert.equal(await powerOff(lab, one), 2);
  assert.equal(await powerOff(lab, one), 0);
  assert.equal(await isRunning(service), false);
  assert.equal(await greets(one, lab.sshPort, 1), false);
  assert.equal(await powerOn(lab, one), 2);
  assert.equal(await powerOn(lab, one), 0);
  assert.equal(await on(one, "ip -brief -4 address | sed 's/@[^ ]*//' | sort"), before);
  assert.equal(await isRunning(service), true);
  assert.match(await on(one, "ps -e -o args="), /sleep infinity/);
});

test("the status names hosts that are there, down and missing", async () => {
  await powerOff(lab, other);
  const status = await readStatus(lab);
  assert.equal(status.length, hostsOf(labTopology(lab)).length);
  const of = (name: string): unknown => {
    const { machine, ssh } = status.find(({ host }) => host.name === name) ?? {};
    return { machine, ssh };
  };
  assert.deepEqual(of(one.name), { machine: "running", ssh: true });
  assert.deepEqual(of(other.name), { machine: "exited", ssh: false });
  assert.deepEqual(of("dc2-platform-db1"), { machine: "missing", ssh: false });
  await powerOn(lab, other);
});

test("what no state holds is removed with a line, and nothing else", async () => {
  const labels = { "tandem.lab": lab.id, "tandem.urn": "urn:stray" };
  const stray = await docker.createContainer({ name: `stray-${lab.id}`, Image: lab.image, Labels: labels });
  await docker.createVolume({ Name: `stray-${lab.id}`, Labels: labels });
  await docker.createVolume({ Name: `foreign-${lab.id}`, Labels: { "tandem.lab": "another" } });
  const said: string[] = [];
  const known = {
    containers: new Set([service.id, ...machines.map(({ id }) => id)]),
    networks: new Set(networks),
    volumes: new Set<string>(),
  };
  const removed = await removeStrays({ dockerHost: lab.dockerHost, labId: lab.id }, (line) => said.push(line), known);
  assert.equal(removed, 2);
  assert.deepEqual(said, [
    `container stray-${lab.id} (urn:stray): in no stack's state; removed`,
    `volume stray-${lab.id} (urn:stray): in no stack's state; removed`,
  ]);
  await assert.rejects(stray.inspect(), /no such container/i);
  assert.equal(
    (await docker.listVolumes()).Volumes.some(({ Name }) => Name === `foreign-${lab.id}`),
    true,
  );
  assert.equal(await isRunning(machines[0] as Docker.Container), true);
});

test("a lab that rests keeps all it has and gets no time; one whose run was killed meanwhile goes on with the next up", async () => {
  const all = [...machines, service];
  const states = async (): Promise<{ readonly Paused: boolean; readonly StartedAt: string }[]> =>
    Promise.all(all.map(async (container) => (await container.inspect()).State));
  const began = (await states()).map(({ StartedAt }) => StartedAt);
  await whileResting(lab, async () => {
    assert.equal(isResting(lab.directory), true);
    assert.ok((await states()).every(({ Paused }) => Paused));
    assert.equal(await greets(one, lab.sshPort, 1), false);
  });
  assert.equal(isResting(lab.directory), false);
  assert.equal(await on(one, "hostname"), one.name);

  await Promise.all(all.map((container) => container.pause()));
  assert.deepEqual(await labUp(), lab);
  assert.deepEqual(
    (await states()).map(({ Paused, StartedAt }) => (Paused ? "paused" : StartedAt)),
    began,
  );
});

test("an engine that was killed is started again with its machines, and keys and addresses stay", async () => {
  const pid = Number(readFileSync(join("/run/tandem", lab.id, "docker.pid"), "utf8"));
  const pins = readFileSync(join(lab.directory, "known_hosts"), "utf8");
  process.kill(pid, "SIGKILL");
  await until(
    "it is dead",
    async () =>
      !(await docker.ping().then(
        () => true,
        () => false,
      )),
  );
  assert.deepEqual(await labUp(), lab);
  assert.notEqual(Number(readFileSync(join("/run/tandem", lab.id, "docker.pid"), "utf8")), pid);
  assert.equal(readFileSync(join(lab.directory, "known_hosts"), "utf8"), pins);
  for (const host of [one, other]) assert.equal(await powerOn(lab, host), 0, `${host.name} was started again`);
  assert.equal(await isRunning(service), true);
  assert.equal(await reaches(one, other.addresses.storage), true);
  pairs = [...pairs, ...machineEnds(lab)];
});

test("down leaves nothing on the machine, also when the engine was killed before, and twice does no harm", async () => {
  assert.notDeepEqual(tracesOf(lab, pairs), []);
  process.kill(Number(readFileSync(join("/run/tandem", lab.id, "docker.pid"), "utf8")), "SIGKILL");
  const said = await down();
  assert.ok(
    said.some((line) => line.startsWith("bridge td")),
    said.join("\n"),
  );
  assert.deepEqual(tracesOf(lab, pairs), []);
  assert.deepEqual(await down(), [`lab ${lab.id}: nothing is there`]);
});
