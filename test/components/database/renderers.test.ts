import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { databasePurposes, renderAccounts, subjectOf } from "../../../components/database/accounts.render.ts";
import { renderAgent } from "../../../components/database/agent.render.ts";
import { renderBackup } from "../../../components/database/backup.render.ts";
import { type DatabaseCluster, databaseCluster } from "../../../components/database/cluster.render.ts";
import { renderHealth } from "../../../components/database/health.render.ts";
import { renderMyCnf } from "../../../components/database/my-cnf.render.ts";
import { renderRestore } from "../../../components/database/restore.render.ts";
import { renderStart } from "../../../components/database/start.render.ts";
import { certificatesOf } from "../../../environments/model/certificates.ts";
import { loadEnvironment, platforms } from "../../../environments/model/load.ts";
import type { Host } from "../../../environments/model/topology.ts";
import { topologyOf } from "../../../environments/model/topology-of.ts";
import { matchesGolden } from "../../support/golden.ts";

const golden = (name: string): string => join(import.meta.dirname, "golden", name);
const flavors = ["mariadb-galera", "percona-xtradb-cluster"] as const;

const clusters: readonly DatabaseCluster[] = platforms().flatMap((platform) => {
  const topology = topologyOf(loadEnvironment(platform, platform === "lab" ? { slot: 0 } : {}));
  return topology.sites.flatMap((site) => flavors.map((flavor) => ({ ...databaseCluster(topology, site), flavor })));
});

/** Of the first site by name: one a platform and flavor is enough to read. */
for (const cluster of clusters.filter(({ siteNumber }) => siteNumber === 1)) {
  const [member] = cluster.members as [Host];
  const texts = {
    "my.cnf": renderMyCnf(cluster, member),
    "start.sh": renderStart(cluster, member),
    "health.sh": renderHealth(cluster),
    "agent.sh": renderAgent(cluster, member),
    "accounts.sql": renderAccounts(cluster),
    "backup.bash": renderBackup(cluster, member),
    "restore.bash": renderRestore(cluster),
  };
  for (const [name, text] of Object.entries(texts)) {
    test(`${name} of ${cluster.name}, flavor ${cluster.flavor}, is the one of its golden file`, () =>
      matchesGolden(text, golden(`${cluster.name}-${cluster.flavor}-${name}`)));
  }
}

test("every script is one that its shell can read", () => {
  for (const cluster of clusters) {
    // The members' differ by names and addresses alone.
    const [member] = cluster.members as [Host];
    const scripts = {
      bash: [renderBackup(cluster, member), renderRestore(cluster)],
      sh: [renderStart(cluster, member), renderHealth(cluster), renderAgent(cluster, member)],
    };
    for (const [shell, texts] of Object.entries(scripts))
      for (const input of texts) {
        const { status, stderr } = spawnSync(shell, ["-n"], { input, encoding: "utf8" });
        assert.equal(status, 0, `${cluster.name} ${member.name}: ${stderr}`);
      }
  }
});

const optionsOf = (text: string): Map<string, string> =>
  new Map(text.split("\n").flatMap((line) => (/^\w+ = /.test(line) ? [line.split(" = ") as [string, string]] : [])));

test("kine's four conditions hold on every node of every flavor", () => {
  for (const cluster of clusters)
    for (const member of cluster.members) {
      const options = optionsOf(renderMyCnf(cluster, member));
      assert.equal(options.get("wsrep_auto_increment_control"), "OFF");
      assert.equal(options.get("auto_increment_increment"), "1");
      assert.equal(options.get("auto_increment_offset"), "1");
      assert.equal(options.get("innodb_flush_log_at_trx_commit"), "1");
    }
});

test("a node listens on the storage plane alone, and its number is its own, or with MariaDB its cluster's", () => {
  for (const flavor of flavors) {
    const numbers = clusters
      .filter((cluster) => cluster.flavor === flavor)
      .flatMap((cluster) =>
        cluster.members.map((member) => {
          const options = optionsOf(renderMyCnf(cluster, member));
          assert.equal(options.get("bind_address"), member.addresses.storage);
          assert.match(options.get("wsrep_provider_options") ?? "", new RegExp(`listen_addr=tcp://${member.addresses.storage}:`));
          return `${cluster.name.split("-")[0]} ${options.get("server_id")}`;
        }),
      );
    assert.equal(new Set(numbers).size, numbers.length / (flavor === "mariadb-galera" ? 3 : 1));
  }
});

test("a host that is out of service is no member, and a site without one has no cluster", () => {
  const topology = topologyOf(loadEnvironment("reference", {}));
  const [site] = topology.sites;
  assert.ok(site);
  const without = (names: readonly string[]) => ({
    ...site,
    zones: site.zones.map((zone) => ({
      ...zone,
      hosts: zone.hosts.map((host) => ({ ...host, inService: host.inService && !names.includes(host.shortName) })),
    })),
  });
  assert.deepEqual(
    databaseCluster(topology, without(["db2"])).members.map(({ shortName }) => shortName),
    ["db1", "db3"],
  );
  assert.throws(() => databaseCluster(topology, without(["db1", "db2", "db3"])), /no database host is in service/);
});

test("connections cover every client: the control plane, the hosts that a flow lets in, and the platform's own", () => {
  const topology = topologyOf(loadEnvironment("reference", {}));
  const [site] = topology.sites;
  assert.ok(site);
  const without = { ...topology, flows: topology.flows.filter(({ to }) => to !== "platform/database") };
  assert.equal(databaseCluster(without, site).maxConnections, 350);
  const [flow] = topology.flows;
  assert.ok(flow);
  const from = (source: string) =>
    databaseCluster({ ...without, flows: [{ ...flow, from: source, to: "platform/database" }] }, site);
  assert.equal(
    from("policy").maxConnections,
    350 +
      50 *
        site.zones.flatMap(({ name, hosts }) => (name === "policy" ? hosts.filter(({ role }) => role === "worker") : [])).length,
  );
  assert.equal(from("bank").maxConnections, 400);
});

test("every account asks for a certificate that the platform's authority gives: its own site's, and for replication the other's", () => {
  for (const platform of platforms()) {
    const topology = topologyOf(loadEnvironment(platform, platform === "lab" ? { slot: 0 } : {}));
    const given = new Set(
      certificatesOf(topology).map(
        ({ subject }) => `/O=${subject.organization}/OU=${subject.organizationalUnit}/CN=${subject.commonName}`,
      ),
    );
    for (const site of topology.sites)
      for (const purpose of databasePurposes) {
        const subject = subjectOf(databaseCluster(topology, site), purpose);
        assert.ok(given.has(subject), subject);
        assert.equal(subject.includes(`/OU=${site.name}/`), purpose !== "replication", subject);
      }
  }
});
