import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type Docker from "dockerode";
import { renderStartAgain } from "../../components/storage/nfs.render.ts";
import { serviceAccount } from "../../environments/model/service-account.ts";
import type { Zone } from "../../environments/model/topology.ts";
import { runIn } from "../../scripts/lab/run-in.ts";
import { spawnOwned } from "../support/interrupted.ts";
import { until } from "../support/until.ts";
import { kubectl } from "./kubectl.ts";
import { whileMounting } from "./mounting.ts";
import { apply, asked, hasReady, inPod, namespace, podWithFiles } from "./pods.ts";
import { docker, hostNamed, lab, machineName, npm, npmSucceeds, sites } from "./session.ts";

const asService = `setpriv --reuid=${serviceAccount.id} --regid=${serviceAccount.id} --clear-groups`;
const mount = (path: string): string => `mount -t nfs -o nfsvers=4.1,hard,retry=0 "$server:${path}" /mnt`;
const workerOf = ({ site, name }: Zone) => hostNamed(`${site}-${name}-wk1`);
const zones = (): readonly Zone[] => sites.find(({ name }) => name === "dc1")?.zones ?? [];

/** Runs a command in the container of dc1's NAS; it has to succeed. */
async function inNas(...words: string[]): Promise<void> {
  await runIn(lab, `${machineName(hostNamed("dc1-platform-nas1"))}-nas`, words, "0");
}

test("a NAS and its volumes that are read back from the engine are as declared", async () => {
  await npmSucceeds("pulumi", "preview", "--refresh", "--expect-no-changes", "--stack", "lab-dc2");
});

test("each zone's host finds its NAS by name, writes, reads back and locks in the zone's tree, and mounts no other zone's", async () => {
  await whileMounting(async ({ at }) => {
    for (const zone of zones()) {
      const others = zones().filter(({ name }) => name !== zone.name);
      const { code, output } = await at(
        workerOf(zone),
        `${mount(`/${zone.name}`)} || exit
${asService} sh -c 'cd /mnt && echo of ${zone.name} > probe && flock --exclusive probe cat probe && rm probe'
umount /mnt
${others.map(({ name }) => `${mount(`/${name}`)} && echo MOUNTED ${name}`).join("\n")}
exit 0`,
      );
      assert.equal(code, 0, `${zone.name}: ${output}`);
      assert.match(output, new RegExp(`^of ${zone.name}$`, "m"), zone.name);
      assert.doesNotMatch(output, /MOUNTED/, zone.name);
    }
  });
});

test("the same name is the other NAS at the other site", async () => {
  const directory = "/platform/core/database-backup";
  await whileMounting(async ({ at }) => {
    for (const site of ["dc1", "dc2"]) {
      const { code, output } = await at(
        hostNamed(`${site}-platform-wk1`),
        `${mount(directory)} && ${asService} sh -c 'cd /mnt && echo ${site} >> where && cat where && rm where'`,
      );
      assert.deepEqual([code, output], [0, site]);
    }
  });
});

test("what is written at the active site is at the other one with the next copy, where the zone reads it and writes nothing", async () => {
  const file = "/srv/nas/policy/claims/documents/follows";
  const other = `${machineName(hostNamed("dc2-platform-nas1"))}-nas`;
  const isThere = async (): Promise<boolean> =>
    (await runIn(lab, other, ["sh", "-c", `test -e ${file} && echo there || echo no`], "0")) === "there\n";
  await inNas("touch", file);
  const written = Date.now();
  await until("it is at the other site", isThere, 150_000);
  process.stdout.write(`a file was at the other site ${((Date.now() - written) / 1000).toFixed(0)} s after it was written\n`);
  assert.match(
    await npmSucceeds("nas", "status", "--site", "dc1"),
    /dc2-platform-nas1: has all that the active site's NAS had \d+ s ago/,
  );
  await whileMounting(async ({ at }) => {
    const { code, output } = await at(
      hostNamed("dc2-policy-wk1"),
      `${mount("/policy/claims/documents")} && ${asService} sh -c 'cd /mnt && ls && touch own'`,
    );
    assert.notEqual(code, 0);
    assert.match(output, /^follows\n.*Read-only file system$/s);
  });
  await inNas("rm", file);
});

test("what volumes hold is shown, the databases' backups among them; one that holds more than is declared is named", async () => {
  const file = "/srv/nas/policy/claims/documents/too-much";
  assert.match(await npmSucceeds("nas", "status", "--site", "dc1"), /platform\/core\/database-backup .* 0\.[0-9]*[1-9]/);
  await inNas("fallocate", "--length", "1100M", file);
  try {
    const { code, stdout } = await npm("nas", ["status", "--site", "dc1"]);
    assert.equal(code, 1);
    assert.match(
      stdout,
      /NOT WELL: policy\/claims\/documents: holds 1\.07 GiB; declared are 1\. Ask claims-web, claims-batch, or declare more/,
    );
  } finally {
    await inNas("rm", file);
  }
  await npmSucceeds("nas", "status", "--site", "dc1");
});

test("two pods that share a volume read what each other wrote; it lies in their directory on the NAS, and is there for the pods that come after them", async () => {
  const file = "/files/who";
  const place = async (name: string): Promise<void> => {
    const { code, stderr } = await apply(podWithFiles(name));
    assert.equal(code, 0, stderr);
    await until(`${name} is ready`, async () => hasReady(await asked("get", "pod", name, `--namespace=${namespace}`)), 90_000);
  };
  const remove = (...names: string[]) => kubectl("delete", "pod", `--namespace=${namespace}`, "--ignore-not-found", ...names);
  const run = async (pod: string, ...words: string[]): Promise<string> => {
    const { ok, text } = await inPod(namespace, pod, ...words);
    assert.ok(ok, text);
    return text;
  };
  try {
    for (const name of ["sample-a", "sample-b"]) {
      await place(name);
      await run(name, "append", file);
    }
    assert.equal(await run("sample-a", "read", file), "sample-a\nsample-b");
    await remove("sample-a", "sample-b");
    await place("sample-c");
    assert.equal(await run("sample-c", "read", file), "sample-a\nsample-b");
    await inNas("grep", "--quiet", "sample-b", "/srv/nas/platform/samples/shared/who");
  } finally {
    await remove("sample-a", "sample-b", "sample-c");
    await inNas("rm", "--force", "/srv/nas/platform/samples/shared/who");
  }
});

test("a container whose volume could not be mounted is started when it can be, and one that a person stopped is left alone", async () => {
  const directory = mkdtempSync(join(tmpdir(), "tandem-mount-"));
  const missing = join(directory, "later");
  const volume = `tandem-${lab.id}-test-mount`;
  const labels = { "tandem.lab": lab.id, "tandem.service": "test" };
  const create = (name: string, Mounts: Docker.MountSettings[]): Promise<Docker.Container> =>
    docker.createContainer({
      ...{ name: `tandem-${lab.id}-test-${name}`, Image: lab.images["nas"] ?? "", Labels: labels },
      ...{ Entrypoint: ["sleep"], Cmd: ["infinity"], User: "0:0" },
      HostConfig: { NetworkMode: "none", RestartPolicy: { Name: "unless-stopped" }, Mounts },
    });
  await docker.createVolume({
    ...{ Name: volume, Labels: labels, Driver: "local" },
    DriverOpts: { type: "none", o: "bind", device: missing },
  });
  const waiting = await create("waits", [{ Type: "volume", Source: volume, Target: "/absent" }]);
  const stopped = await create("stopped", []);
  const isRunning = async (container: Docker.Container): Promise<boolean> => (await container.inspect()).State.Running;
  // The Docker of the package that the engine is of.
  const env = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", DOCKER_HOST: lab.dockerHost };
  try {
    await stopped.start();
    await stopped.stop({ t: 0 });
    await assert.rejects(waiting.start(), /no such file or directory/);
    const starter = spawnOwned("sh", ["-c", renderStartAgain(1)], { env, stdio: "ignore" });
    try {
      mkdirSync(missing);
      await until("its volume is there, and it runs", () => isRunning(waiting), 30_000);
      assert.equal(await isRunning(stopped), false);
    } finally {
      starter.kill("SIGKILL");
    }
  } finally {
    for (const container of [waiting, stopped]) await container.remove({ force: true });
    await docker.getVolume(volume).remove();
    rmSync(directory, { recursive: true, force: true });
  }
});
