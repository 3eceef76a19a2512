import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { zoneNames } from "../../../components/network/zone-names.render.ts";
import { exportsOf } from "../../../environments/model/exports.ts";
import { flowTable } from "../../../environments/model/flows/table.ts";
import type { Site, Topology } from "../../../environments/model/topology.ts";
import { volumesOf } from "../../../environments/model/volumes.ts";
import { renderExportsFile, renderExportsMarkdown, type Sheet } from "../../../scripts/nas/exports.ts";
import { topologyWith } from "../../environments/broken.ts";
import { matchesGolden } from "../../support/golden.ts";

/** The reference platform with the company's own NAS. */
const external = topologyWith((e) => {
  e.set("flavors nas", "external");
  for (const site of ["dc1", "dc2"]) e.remove(`sites ${site} zones platform hosts nas`);
  e.remove("nasReplication");
  e.set("externalNas", { addresses: { dc1: "10.20.12.60", dc2: "10.30.12.60" }, path: "/ifs/tandem" });
});
const ours = topologyWith(() => {});

const sheetOf = (topology: Topology, { name }: Site): Sheet => {
  const site = topology.sites.find((one) => one.name === name) as Site;
  return { site: name, path: topology.nasPath, exports: exportsOf(topology, site), volumes: volumesOf(topology) };
};

test("what an administrator gets for a NAS that is not ours is as in the golden files", () => {
  const sheet = sheetOf(external, external.sites[0] as Site);
  matchesGolden(renderExportsMarkdown(sheet), join(import.meta.dirname, "golden", "exports.md"));
  matchesGolden(renderExportsFile(sheet), join(import.meta.dirname, "golden", "exports"));
});

test("a NAS that is not ours is for the same zones as one that is, at each site by the same paths", () => {
  for (const site of external.sites) assert.deepEqual(sheetOf(external, site).exports, sheetOf(ours, site).exports);
});

test("each zone that has a tree finds its own site's NAS by the one name, and its way there is in the table", () => {
  const table = flowTable(external);
  for (const site of external.sites) {
    const address = { dc1: "10.20.12.60", dc2: "10.30.12.60" }[site.name];
    for (const { zone: name } of exportsOf(external, site)) {
      const zone = site.zones.find((one) => one.name === name);
      assert.ok(zone);
      assert.deepEqual(
        zoneNames(external, zone, table).filter(([fqdn]) => fqdn.startsWith("nas.")),
        [["nas.reference.tandem.internal", address]],
      );
    }
  }
});
