import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import {
  controllerDeployment,
  controllerRules,
  electionRules,
  nodeDaemonSet,
} from "../../../components/storage/claims/claims-driver.render.ts";
import { claimsQuota, csiDriverOf, storageClassOf } from "../../../components/storage/claims/storage-classes.render.ts";
import {
  renderDirectories,
  renderExports,
  renderGanesha,
  renderMeasureNas,
  renderStartNas,
} from "../../../components/storage/ganesha.render.ts";
import { renderNfsPrograms, renderStartAgain } from "../../../components/storage/nfs.render.ts";
import { claimOf, volumeOf } from "../../../components/storage/pod-volumes.render.ts";
import { renderModule, renderReplication, renderTunnel } from "../../../components/storage/replication.render.ts";
import { exportsOf } from "../../../environments/model/exports.ts";
import { loadEnvironment, platforms } from "../../../environments/model/load.ts";
import type { Topology } from "../../../environments/model/topology.ts";
import { topologyOf } from "../../../environments/model/topology-of.ts";
import { claimsVolumes, isForClaims, volumesOf } from "../../../environments/model/volumes.ts";
import { soundPlatforms } from "../../environments/generated.ts";
import { matchesGolden } from "../../support/golden.ts";
import { claimsDriver, claimsTopology } from "./claims-driver.ts";

const topologies = platforms().map((platform) => topologyOf(loadEnvironment(platform, platform === "lab" ? { slot: 0 } : {})));

for (const topology of topologies)
  test(`${topology.platform}: what the NAS of a site reads is as in the golden files`, () => {
    const [site] = topology.sites;
    const host = site?.zones.flatMap(({ hosts }) => hosts).find(({ role }) => role === "nas");
    assert.ok(site && host);
    const golden = (name: string): string => join(import.meta.dirname, "golden", `${topology.platform}-${name}`);
    matchesGolden(renderGanesha(host, topology.timings), golden("ganesha.conf"));
    matchesGolden(renderExports(exportsOf(topology, site)), golden("exports.conf"));
    const [self, other] = topology.sites.map(({ zones }) =>
      zones.flatMap(({ hosts }) => hosts).find(({ role }) => role === "nas"),
    );
    assert.ok(self && other && topology.nasReplication);
    const pair = { ...topology.nasReplication, volumes: volumesOf(topology) };
    for (const replication of [
      { ...pair, self, other, follows: false },
      { ...pair, self: other, other: self, follows: true },
    ]) {
      const side = replication.follows ? "follows" : "serves";
      matchesGolden(renderReplication(replication), golden(`${side}.sh`));
      matchesGolden(renderTunnel(replication), golden(`${side}-stunnel.conf`));
    }
    const declared = topology.volumes.filter((volume) => !isForClaims(volume));
    const volumes = declared.flatMap((volume) => [volumeOf(topology, volume, volume.zone), claimOf(volume, volume.zone)]);
    matchesGolden(`${JSON.stringify(volumes, null, 2)}\n`, golden("pod-volumes.json"));
    matchesGolden(renderDirectories(exportsOf(topology, site), volumesOf(topology)), golden("directories"));
  });

test("a zone's StorageClass and its driver are as in the golden file", () => {
  const { zone } = claimsDriver;
  const all = {
    classes: claimsVolumes(claimsTopology, zone).map((volume) => storageClassOf(claimsTopology, volume)),
    ...{ driver: csiDriverOf(zone), controllerRules, electionRules },
    ...{ deployment: controllerDeployment(claimsDriver), daemonSet: nodeDaemonSet(claimsDriver) },
    quotas: ["policy", "office", undefined].map((name) => claimsQuota(claimsTopology, name)),
  };
  matchesGolden(`${JSON.stringify(all, null, 2)}\n`, join(import.meta.dirname, "golden", "claims.json"));
});

test("what a NAS runs, and what a host runs that mounts from it, is as in the golden files", () => {
  const golden = (name: string): string => join(import.meta.dirname, "golden", name);
  matchesGolden(renderStartNas(), golden("start.sh"));
  matchesGolden(renderModule(), golden("rsyncd.conf"));
  matchesGolden(renderMeasureNas(), golden("measure.sh"));
  matchesGolden(renderStartAgain(30), golden("start-again.sh"));
  matchesGolden(renderNfsPrograms(), golden("nfs-programs.sh"));
});

function assertApart(topology: Topology): void {
  for (const site of topology.sites) {
    const exports = exportsOf(topology, site);
    for (const kind of ["path", "id", "clients"] as const)
      assert.equal(new Set(exports.map((one) => one[kind])).size, exports.length, `${site.name}: two zones with one ${kind}`);
    assert.ok(exports.every(({ id }) => id >= 1 && id <= 65_535));
  }
}

test("no two zones of a site share a tree, a number or a network, whatever the platform", () => {
  for (const topology of topologies) assertApart(topology);
  fc.assert(fc.property(soundPlatforms, (environment) => assertApart(topologyOf(environment))));
});

test("a zone has a tree on its site's NAS when a row of the table leads there, and none without", () => {
  const [topology] = topologies.filter(({ platform }) => platform === "reference");
  const [site] = topology?.sites ?? [];
  assert.ok(topology && site);
  assert.deepEqual(
    exportsOf(topology, site).map(({ zone }) => zone),
    ["internet", "office", "partner", "platform", "policy"],
  );
  const without = { ...site, zones: site.zones.map((zone) => (zone.name === "partner" ? { ...zone, hosts: [] } : zone)) };
  const sites = [without, ...topology.sites.slice(1)];
  assert.deepEqual(
    exportsOf({ ...topology, sites }, without).map(({ zone }) => zone),
    ["internet", "office", "platform", "policy"],
  );
});
