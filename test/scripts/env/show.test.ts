import assert from "node:assert/strict";
import { test } from "node:test";
import { loadEnvironment, platforms } from "../../../environments/model/load.ts";
import { readEnvironment } from "../../../environments/model/read-environment.ts";
import { topologyOf } from "../../../environments/model/topology-of.ts";
import { platformText } from "../../../scripts/bench/model.ts";
import { renderMermaid } from "../../../scripts/env/mermaid.ts";
import { renderPicture } from "../../../scripts/env/picture.ts";
import { escapeXml } from "../../../scripts/env/svg.ts";
import { renderTables } from "../../../scripts/env/tables.ts";

const shown = platforms().map((platform) => {
  const environment = loadEnvironment(platform);
  return { environment, topology: topologyOf(environment) };
});

/** The elements of an SVG; fails where one is not closed. */
function elements(svg: string): string[] {
  const open: string[] = [];
  const all = [...svg.matchAll(/<(\/?)([a-z]+)([^<>]*?)(\/?)>/g)].map(([, closing, name = "", , self]) => {
    if (closing) assert.equal(open.pop(), name);
    else if (!self) open.push(name);
    return name;
  });
  assert.deepEqual(open, []);
  return all;
}

test("the picture shows every network, VIP and rack of both sites, and every host", () => {
  for (const { environment, topology } of shown) {
    const svg = renderPicture(topology, environment.zones);
    const zones = topology.sites.flatMap((site) => site.zones);
    for (const text of [
      ...topology.sites.map(({ core }) => core.cidr),
      ...zones.flatMap(({ planes }) => Object.values(planes).map(({ cidr }) => cidr)),
    ]) {
      assert.ok(svg.includes(text), text);
    }
    const names = zones.flatMap(({ hosts }) => hosts.map(({ shortName }) => shortName));
    assert.equal(
      svg.match(/font-size="13" font-weight="600" fill="#1e293b" text-anchor="middle">[a-z]+[0-9]+</g)?.length,
      names.length,
    );
    assert.ok(elements(svg).length > names.length * 3);
  }
});

test("nothing in the picture lies outside of it", () => {
  for (const { environment, topology } of shown) {
    const svg = renderPicture(topology, environment.zones);
    const [, width, height] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg) ?? assert.fail("a size");
    for (const [, x, y, w, h] of svg.matchAll(/<rect x="([\d.-]+)" y="([\d.-]+)" width="([\d.]+)" height="([\d.]+)"/g)) {
      assert.ok(
        Number(x) >= 0 && Number(y) >= 0 && Number(x) + Number(w) <= Number(width) && Number(y) + Number(h) <= Number(height),
      );
    }
  }
});

test("the picture of a platform with many workers counts those that it does not draw", () => {
  const environment = readEnvironment(platformText(4), "bench.yaml");
  assert.ok(renderPicture(topologyOf(environment), environment.zones).includes(">+ 11<"));
});

test("the picture is the same each time, and takes no markup from names", () => {
  for (const { environment, topology } of shown)
    assert.equal(renderPicture(topology, environment.zones), renderPicture(topology, environment.zones));
  assert.equal(escapeXml('<b a="1">&'), "&lt;b a=&quot;1&quot;&gt;&amp;");
});

test("tables and diagrams name every zone and host", () => {
  for (const { topology } of shown) {
    const tables = renderTables(topology);
    const mermaid = renderMermaid(topology);
    assert.ok(mermaid.startsWith("flowchart TB\n"));
    for (const zone of topology.sites.flatMap(({ zones }) => zones)) {
      assert.ok(mermaid.includes(`subgraph ${zone.site}_${zone.name}["${zone.name}"]`));
      for (const { name, shortName } of zone.hosts) assert.ok(tables.includes(` ${name} `) && mermaid.includes(shortName), name);
    }
  }
});
