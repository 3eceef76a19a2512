import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type Docker from "dockerode";
import { renderStartAgain } from "../../components/storage/nfs.render.ts";
import { serviceAccount } from "../../environments/model/service-account.ts";
import type { Zone } from "../../environments/model/topology.ts";
import { spawnOwned } from "../support/interrupted.ts";
import { until } from "../support/until.ts";
import { whileMounting } from "./mounting.ts";
import { docker, hostNamed, lab, machineName, npm, npmSucceeds, sites } from "./session.ts";

const asService = `setpriv --reuid=${serviceAccount.id} --regid=${serviceAccount.id} --clear-groups`;
const mount = (path: string): string => `mount -t nfs -o nfsvers=4.1,hard,retry=0 "$server:${path}" /mnt`;
const workerOf = ({ site, name }: Zone) => hostNamed(`${site}-${name}-wk1`);
const zones = (): readonly Zone[] => sites.find(({ name }) => name === "dc1")?.zones ?? [];

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

test("the same name is the other NAS at the other site; what one holds the other does not", async () => {
  await whileMounting(async ({ at }) => {
    const both = ["dc1", "dc2"].map((site) => hostNamed(`${site}-policy-wk1`));
    for (const host of both) {
      const { code, output } = await at(
        host,
        `${mount("/policy/claims/documents")} || exit
${asService} sh -c 'cd /mnt && echo ${host.site} >> where && cat where'`,
      );
      assert.deepEqual([code, output], [0, host.site]);
    }
    for (const host of both) await at(host, `${mount("/policy/claims/documents")} && ${asService} rm /mnt/where`);
  });
});

test("what volumes hold is shown, the databases' backups among them; one that holds more than is declared is named", async () => {
  const file = "/srv/nas/policy/claims/documents/too-much";
  const nas = `${machineName(hostNamed("dc1-platform-nas1"))}-nas`;
  const inNas = async (...words: string[]): Promise<void> => {
    const exec = await docker.getContainer(nas).exec({ Cmd: words });
    await exec.start({ Detach: true });
    await until(`${words[0]} has ended`, async () => !(await exec.inspect()).Running);
    assert.equal((await exec.inspect()).ExitCode, 0);
  };
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
