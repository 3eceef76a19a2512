import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { ensureEngine } from "../../../scripts/toolchain/engine.ts";
import { pluginDirectory } from "../../../scripts/toolchain/home.ts";
import { type Plain, ProviderProcess } from "./provider-process.ts";

let docker: ProviderProcess;

before(async () => {
  const engine = await ensureEngine({ needs: ["docker"] }, () => {});
  const file = join(pluginDirectory(engine.home, "docker"), "pulumi-resource-docker");
  docker = await ProviderProcess.start(file, { host: "unix:///nowhere/docker.sock", disableDockerDaemonCheck: "true" });
});

after(() => docker.stop());

const container = { name: "one", image: "sha256:1" };

/** Read back from the engine where a program says nothing. */
const read = {
  command: [],
  entrypoints: [],
  envs: [],
  securityOpts: [],
  networkDatas: [],
  bridge: "",
  exitCode: 0,
  containerLogs: "",
};

/** What a change of each property does: the official plugin's table, in docs. The first value is the one before. */
const replaced: Readonly<Record<string, readonly [Plain, Plain]>> = {
  name: ["one", "two"],
  image: ["sha256:1", "sha256:2"],
  hostname: ["a", "b"],
  domainname: ["a", "b"],
  command: [["a"], ["b"]],
  entrypoints: [["a"], ["b"]],
  user: ["1", "2"],
  dns: [["10.0.0.1"], ["10.0.0.2"]],
  dnsOpts: [["ndots:1"], ["ndots:2"]],
  dnsSearches: [["a"], ["b"]],
  publishAllPorts: [false, true],
  workingDir: ["/a", "/b"],
  capabilities: [{ adds: ["CAP_NET_ADMIN"] }, { adds: ["CAP_NET_RAW"] }],
  securityOpts: [["seccomp=unconfined"], ["apparmor=unconfined"]],
  runtime: ["runc", "other"],
  stopSignal: ["SIGTERM", "SIGINT"],
  stopTimeout: [10, 20],
  mounts: [[{ type: "tmpfs", target: "/a" }], []],
  volumes: [[{ containerPath: "/a", volumeName: "v" }], [{ containerPath: "/b", volumeName: "v" }]],
  ports: [[{ internal: 80, external: 8080 }], [{ internal: 81, external: 8080 }]],
  hosts: [[{ host: "a", ip: "10.0.0.1" }], [{ host: "a", ip: "10.0.0.2" }]],
  ulimits: [[{ name: "nofile", soft: 1, hard: 1 }], [{ name: "nofile", soft: 2, hard: 2 }]],
  envs: [["A=1"], ["A=2"]],
  privileged: [false, true],
  devices: [[{ hostPath: "/dev/null" }], [{ hostPath: "/dev/zero" }]],
  labels: [[{ label: "a", value: "1" }], [{ label: "a", value: "2" }]],
  shmSize: [64, 128],
  logDriver: ["json-file", "none"],
  logOpts: [{ "max-size": "1m" }, { "max-size": "2m" }],
  networkMode: ["host", "container:1"],
  networksAdvanced: [[{ name: "a" }], [{ name: "b" }]],
  pidMode: ["host", "container:1"],
  usernsMode: ["host", ""],
  uploads: [[{ file: "/a", content: "1" }], [{ file: "/a", content: "2" }]],
  sysctls: [{ "net.ipv4.ip_forward": "0" }, { "net.ipv4.ip_forward": "1" }],
  ipcMode: ["private", "host"],
  groupAdds: [["1"], ["2"]],
  tty: [false, true],
  stdinOpen: [false, true],
  cpus: ["1.0", "2.0"],
  cgroupnsMode: ["private", "host"],
  cgroupParent: ["/a", "/b"],
  readOnly: [false, true],
};

const updated: Readonly<Record<string, readonly [Plain, Plain]>> = {
  restart: ["no", "always"],
  maxRetryCount: [1, 2],
  cpuShares: [1, 2],
  cpuSet: ["0", "1"],
  memory: [64, 128],
  memorySwap: [64, 128],
  mustRun: [true, false],
  start: [true, false],
  wait: [false, true],
  waitTimeout: [60, 61],
  attach: [false, true],
  logs: [false, true],
  rm: [false, true],
  removeVolumes: [true, false],
  destroyGraceSeconds: [1, 2],
  healthcheck: [{ tests: ["CMD", "a"] }, { tests: ["CMD", "b"] }],
  init: [false, true],
  tmpfs: [{ "/a": "" }, { "/b": "" }],
  // Upstream marks the list, not what is in it: only another number of mounts replaces. Components state replaceOnChanges.
  mounts: [[{ type: "tmpfs", target: "/a" }], [{ type: "tmpfs", target: "/b" }]],
};

for (const [property, [first, second]] of Object.entries(replaced)) {
  test(`Container: a change of ${property} replaces`, async () => {
    const difference = await docker.diff(
      "docker:index/container:Container",
      { ...container, [property]: first },
      { ...container, [property]: second },
      read,
    );
    assert.ok(difference.changed);
    assert.ok(
      difference.replaces.some((path) => path.split(/[.[]/)[0] === property),
      JSON.stringify(difference),
    );
  });
}

for (const [property, [first, second]] of Object.entries(updated)) {
  test(`Container: a change of ${property} is made in place`, async () => {
    const difference = await docker.diff(
      "docker:index/container:Container",
      { ...container, [property]: first },
      { ...container, [property]: second },
      read,
    );
    assert.ok(difference.changed);
    assert.deepEqual(difference.replaces, []);
  });
}

const others = [
  ["docker:index/network:Network", { name: "a" }, { name: "b" }, true],
  ["docker:index/network:Network", { name: "a", internal: false }, { name: "a", internal: true }, true],
  ["docker:index/network:Network", { name: "a", options: { o: "1" } }, { name: "a", options: { o: "2" } }, true],
  ["docker:index/volume:Volume", { name: "a" }, { name: "b" }, true],
  ["docker:index/volume:Volume", { name: "a", driverOpts: { type: "a" } }, { name: "a", driverOpts: { type: "b" } }, true],
  ["docker:index/remoteImage:RemoteImage", { name: "a" }, { name: "b" }, true],
  ["docker:index/remoteImage:RemoteImage", { name: "a", platform: "linux/amd64" }, { name: "a", platform: "linux/arm64" }, true],
  ["docker:index/remoteImage:RemoteImage", { name: "a", keepLocally: false }, { name: "a", keepLocally: true }, false],
  ["docker:index/remoteImage:RemoteImage", { name: "a", forceRemove: false }, { name: "a", forceRemove: true }, false],
] as const;

for (const [type, first, second, replaces] of others) {
  const changed = Object.keys(second).at(-1);
  test(`${type.split(":")[2]}: a change of ${changed} ${replaces ? "replaces" : "is made in place"}`, async () => {
    const difference = await docker.diff(type, first, second);
    assert.ok(difference.changed);
    assert.equal(difference.replaces.length > 0, replaces, JSON.stringify(difference));
  });
}

test("Container: no change is no difference", async () => {
  const difference = await docker.diff("docker:index/container:Container", container, container, read);
  assert.deepEqual([difference.changed, difference.replaces], [false, []]);
});

test("Container: an input that does not exist is refused with those that do", async () => {
  await assert.rejects(
    docker.check("docker:index/container:Container", { ...container, nmae: "x" }),
    /no input "nmae".*allowed: .*name/s,
  );
});
