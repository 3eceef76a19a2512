import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, test } from "node:test";
import { databaseCluster, databasePaths } from "../../../components/database/cluster.render.ts";
import { DatabaseBackup } from "../../../components/database/database-backup.ts";
import { renderMyCnf } from "../../../components/database/my-cnf.render.ts";
import { MysqlCluster } from "../../../components/database/mysql-cluster.ts";
import { Host, type Machine } from "../../../components/host/host.ts";
import { type NasSource, NasVolume } from "../../../components/storage/nas-volume.ts";
import { renderStartAgain, startAgainPath } from "../../../components/storage/nfs.render.ts";
import { loadEnvironment } from "../../../environments/model/load.ts";
import type { Site, Topology } from "../../../environments/model/topology.ts";
import { topologyOf } from "../../../environments/model/topology-of.ts";
import { backupVolume } from "../../../environments/model/volumes.ts";
import { type DeclaredResource, filesOn, mockedLabMachine, noAccess, runMocked } from "../../support/mocked-program.ts";
import { realMachine } from "../../support/real-machine.ts";
import { testCredentials } from "../../support/test-credentials.ts";

// What the database's components declare, of both flavors and kinds of machines. In a process of its own: mocks are the process's.

const lab = topologyOf(loadEnvironment("lab", { slot: 0 }));
const [first, second] = lab.sites as [Site, Site];
const sides = [
  { flavor: "mariadb-galera", machine: "lab", site: first, isMade: false },
  { flavor: "percona-xtradb-cluster", machine: "ssh", site: second, isMade: true },
] as const;
const topologyWith = (flavor: (typeof sides)[number]["flavor"]): Topology => ({
  ...lab,
  flavors: { ...lab.flavors, database: flavor },
});
const image = "sha256:0";
const nas: Record<Machine["kind"], NasSource> = {
  lab: { kind: "directory", path: "/data" },
  ssh: { kind: "nfs", name: "nas.test", path: "" },
};
const declared: DeclaredResource[] = [];
const services = new Map<string, MysqlCluster["service"]>();

before(async () => {
  const directory = mkdtempSync(join(tmpdir(), "tandem-test-database-"));
  const register = async (resource: DeclaredResource): Promise<void> => void declared.push(resource);
  try {
    const credentials = testCredentials(lab, directory);
    await runMocked({ stack: "lab-test", isPreview: true, register }, async () => {
      const machines: Record<Machine["kind"], Machine> = {
        lab: mockedLabMachine(),
        ssh: realMachine,
      };
      for (const { flavor, machine, site, isMade } of sides) {
        const topology = topologyWith(flavor);
        const places = databaseCluster(topology, site).members;
        const hosts = new Map(
          places.map((place) => [place.name, new Host(place.name, { place, access: noAccess, machine: machines[machine] })]),
        );
        const args = { topology, site, hosts, image, credentials };
        services.set(site.name, new MysqlCluster(`database-${site.name}`, { ...args, isMade }).service);
        new DatabaseBackup(`backup-${site.name}`, { ...args, nas: nas[machine] });
        const [host] = hosts.values();
        assert.ok(host);
        const stranger = { host, volume: backupVolume(topology), service: "web", target: "/files", source: nas[machine] };
        assert.throws(() => new NasVolume(`stranger-${site.name}`, stranger), {
          message: `stranger-${site.name}: service web would use the volume platform/core/database-backup, which is of database-backup; allowed is one of them. Give it a volume of its own.`,
        });
      }
    });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});

const ofType = (type: string): DeclaredResource[] => declared.filter((one) => one.type === type);
const container = (name: string): DeclaredResource["inputs"] => {
  const found = ofType("docker:index/container:Container").filter((one) => one.name === name);
  assert.equal(found.length, 1, name);
  return found[0]?.inputs ?? {};
};
const mountsOf = (name: string): readonly Record<string, unknown>[] =>
  container(name)["mounts"] as readonly Record<string, unknown>[];

for (const { flavor, machine, site, isMade } of sides) {
  const cluster = databaseCluster(topologyWith(flavor), site);

  test(`${flavor}: each of three members has the configuration of its flavor, a server, and its backups beside it`, () => {
    assert.equal(cluster.members.length, 3);
    for (const place of cluster.members) {
      const files = filesOn(declared, place.name);
      assert.equal(files.get(databasePaths.serverConfiguration)?.inputs["stdin"], renderMyCnf(cluster, place));
      const server = container(`database-${place.name}`);
      assert.deepEqual([server["image"], server["entrypoints"], server["command"]], [image, ["sh"], [databasePaths.start]]);
      assert.equal(server["memory"], cluster.size.memoryGib * 1024);
      // Its data outlive it, and the backups see them without a right to write.
      const [data] = mountsOf(`database-${place.name}`).filter(({ target }) => target === databasePaths.data);
      const [seen] = mountsOf(`database-backup-${place.name}`).filter(({ target }) => target === databasePaths.data);
      assert.equal(data?.["type"], "volume");
      assert.deepEqual([seen?.["source"], seen?.["readOnly"]], [data?.["source"], true]);
      assert.deepEqual(container(`database-backup-${place.name}`)["command"], [databasePaths.backup, "serve"]);
    }
  });

  test(`${flavor}: what opens something is secret, and in a file alone`, () => {
    for (const { name } of cluster.members) {
      const files = filesOn(declared, name);
      for (const path of [databasePaths.serverPem, databasePaths.agentPem, databasePaths.backupPem])
        assert.ok(files.get(path)?.secrets.includes("stdin"), path);
      for (const one of ofType("docker:index/container:Container").filter((each) => each.name.endsWith(name)))
        assert.deepEqual([one.secrets, one.inputs["envs"]], [[], undefined], one.name);
    }
  });

  test(`${flavor}: the cluster's beginning is written ${isMade ? "never again" : "once"}, on its first member`, () => {
    const [beginning, ...others] = declared.filter(({ name }) => name.startsWith("beginning-") && name.endsWith(site.name));
    assert.ok(beginning);
    assert.deepEqual(others, []);
    assert.equal(String(beginning.inputs["create"]).includes(databasePaths.beginning), !isMade);
  });

  test(`${flavor}: backups lie on the NAS and nowhere else, ${machine === "lab" ? "in its own directory" : "mounted by its name"}`, () => {
    for (const { name } of cluster.members) {
      const [target] = mountsOf(`database-backup-${name}`).filter((mount) => mount["target"] === databasePaths.backups);
      const [volume] = ofType("docker:index/volume:Volume").filter((one) => one.name === `database-backup-${name}`);
      assert.deepEqual([target?.["type"], target?.["source"]], ["volume", volume?.inputs["name"]]);
      assert.deepEqual(
        volume?.inputs["driverOpts"],
        machine === "lab"
          ? { type: "none", o: "bind", device: "/data/platform/core/database-backup" }
          : { type: "nfs", o: "addr=nas.test,nfsvers=4.1,hard", device: ":/platform/core/database-backup" },
      );
      const starter = filesOn(declared, name).get(startAgainPath);
      assert.equal(starter?.inputs["stdin"], machine === "lab" ? undefined : renderStartAgain(30));
    }
  });

  test(`${flavor}: behind its VIP stands the one member that takes writes`, () => {
    const { serves, check, servers } = services.get(site.name) ?? {};
    assert.deepEqual([serves, check?.path], ["one", "/writer"]);
    assert.deepEqual(
      servers?.map(({ name, address }) => [name, address]),
      cluster.members.map(({ name, addresses }) => [name, addresses.storage]),
    );
  });
}
