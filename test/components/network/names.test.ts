import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { renderNameServer, renderResolver, renderZoneNames, zoneNames } from "../../../components/network/zone-names.render.ts";
import { flowTable } from "../../../environments/model/flows/table.ts";
import { loadEnvironment, platforms } from "../../../environments/model/load.ts";
import type { Topology } from "../../../environments/model/topology.ts";
import { topologyOf } from "../../../environments/model/topology-of.ts";
import { soundPlatforms } from "../../environments/generated.ts";
import { matchesGolden } from "../../support/golden.ts";

const topologies = platforms().map((platform) => topologyOf(loadEnvironment(platform, platform === "lab" ? { slot: 0 } : {})));

for (const topology of topologies)
  test(`${topology.platform}: what the platform zone's and a business zone's name server are told is as in their golden files`, () => {
    const golden = (name: string): string => join(import.meta.dirname, "golden", `${topology.platform}-${name}`);
    const table = flowTable(topology);
    const [site] = topology.sites;
    for (const zone of site?.zones.filter(({ name }) => ["office", "platform"].includes(name)) ?? []) {
      matchesGolden(renderZoneNames(topology, zone, table), golden(`${zone.site}-${zone.name}-names`));
      matchesGolden(renderNameServer(topology, zone), golden(`${zone.site}-${zone.name}-Corefile`));
    }
    const [zone] = site?.zones ?? [];
    assert.ok(zone);
    matchesGolden(renderResolver(zone, topology), golden(`${zone.site}-${zone.name}-resolv.conf`));
  });

/** Addresses of other zones that a zone is told the names of, and that no row lets it reach. */
function strangers(topology: Topology): string[] {
  const table = flowTable(topology);
  return topology.sites.flatMap(({ zones }) =>
    zones.flatMap((zone) => {
      const rows = table.filter(({ from }) => from.site === zone.site && from.zone === zone.name);
      const own = new Set([...zone.hosts.map(({ fqdn }) => fqdn), ...zone.vips.map(({ fqdn }) => fqdn)]);
      return zoneNames(topology, zone, table)
        .filter(([name, address]) => !own.has(name) && !rows.some(({ to }) => to.cidrs.includes(`${address}/32`)))
        .map(([name]) => `${zone.site} ${zone.name}: ${name}`);
    }),
  );
}

test("a zone hears no name of another zone but those of VIPs that a row lets it reach, and each host of its own", () => {
  for (const topology of topologies) {
    assert.deepEqual(strangers(topology), []);
    const table = flowTable(topology);
    const zones = topology.sites.flatMap((site) => site.zones);
    for (const zone of zones) {
      const names = new Map(zoneNames(topology, zone, table));
      for (const { fqdn, addresses } of zone.hosts) assert.equal(names.get(fqdn), addresses.management);
      const others = zones.filter((other) => other !== zone).flatMap(({ hosts }) => hosts);
      assert.deepEqual(
        others.filter(({ fqdn }) => names.has(fqdn)),
        [],
      );
    }
  }
  fc.assert(
    fc.property(soundPlatforms, (environment) => {
      assert.deepEqual(strangers(topologyOf(environment)), []);
    }),
    { numRuns: 20 },
  );
});
