import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { compareFlows } from "../../../environments/model/flows/compare.ts";
import { flowTable } from "../../../environments/model/flows/table.ts";
import { loadEnvironment, platforms } from "../../../environments/model/load.ts";
import type { Site } from "../../../environments/model/topology.ts";
import { topologyOf } from "../../../environments/model/topology-of.ts";
import { renderFlowChanges, renderFlowChangesMarkdown } from "../../../scripts/flows/changes.ts";
import { renderMatrix, renderMatrixMarkdown } from "../../../scripts/flows/matrix.ts";
import { renderFlowPicture } from "../../../scripts/flows/picture.ts";
import { renderCsv, renderSheetMarkdown } from "../../../scripts/flows/sheet.ts";
import { matchesGolden } from "../../support/golden.ts";

const golden = (name: string): string => join(import.meta.dirname, "golden", name);

for (const platform of platforms()) {
  const topology = topologyOf(loadEnvironment(platform, platform === "lab" ? { slot: 0 } : {}));
  const rows = flowTable(topology);
  const [site] = topology.sites as [Site];
  test(`${platform}: sheet, matrix and picture are the ones of their golden files`, () => {
    matchesGolden(renderCsv(rows), golden(`${platform}.csv`));
    matchesGolden(renderMatrix(rows, site), golden(`${platform}-matrix.txt`));
    matchesGolden(renderMatrixMarkdown(rows, site), golden(`${platform}-matrix.md`));
    matchesGolden(renderFlowPicture(platform, site, rows), golden(`${platform}.svg`));
  });
}

test("a sheet quotes what its format reads, and has a line a row", () => {
  const [row] = flowTable(topologyOf(loadEnvironment("reference")));
  assert.ok(row);
  const odd = { ...row, purpose: 'Quotes "and", commas | bars' };
  assert.match(renderCsv([odd]), /,"Quotes ""and"", commas \| bars",/);
  assert.match(renderSheetMarkdown([odd]), /Quotes "and", commas \\\| bars/);
  assert.equal(renderCsv([odd, odd]).split("\r\n").length, 4);
});

test("changes say what is opened and closed, and that nothing is", () => {
  const rows = flowTable(topologyOf(loadEnvironment("reference")));
  const without = rows.filter(({ name }) => name !== "payments");
  const text = renderFlowChanges(compareFlows(rows, without, "zones"), "a", "b");
  assert.equal(
    text,
    "a -> b: 0 opened, 2 closed\n- dc1-policy to bank 203.0.113.128/25, tcp 443, plane business (payments)\n- dc2-policy to bank 203.0.113.128/25, tcp 443, plane business (payments)\n",
  );
  assert.match(
    renderFlowChangesMarkdown(compareFlows(without, rows, "zones"), "a", "b"),
    /\| opened \| dc1-policy \| bank 203\.0\.113\.128\/25 \| business \| tcp 443 \| payments \|/,
  );
  assert.equal(renderFlowChanges(compareFlows(rows, rows, "hosts"), "a", "b"), "a and b: the same connections\n");
});
