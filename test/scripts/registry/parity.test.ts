import assert from "node:assert/strict";
import { test } from "node:test";
import { parityOf, readInventory } from "../../../scripts/registry/parity.ts";
import { parityProblems, renderInventories, renderParity } from "../../../scripts/registry/report.ts";

const active = readInventory(
  "policy/web 1 sha256:aa\npolicy/web 2 sha256:bb\npolicy/batch 1 sha256:cc\nplatform/haproxy 3 sha256:dd\n",
);
const standby = readInventory(
  "platform/haproxy 3 sha256:dd\npolicy/web 1 sha256:aa\npolicy/web 2 sha256:ee\npolicy/old 1 sha256:ff\n",
);

test("two registries are compared by digest: what is missing, what is another, what only the standby has", () => {
  const parity = parityOf(active, standby);
  assert.deepEqual(parity, {
    missing: ["policy/batch:1"],
    different: ["policy/web:2"],
    onlyAtStandby: ["policy/old:1"],
  });
  assert.deepEqual(renderParity(parity, "dc2"), [
    "dc2 lacks: policy/batch:1",
    "dc2 has another: policy/web:2",
    "only at dc2: policy/old:1",
  ]);
  assert.deepEqual(parityProblems(parity, "dc2"), [
    "dc2 can't take over: 1 images are missing and 1 are others than at the active site",
    "1 images were pushed at dc2 while it was active and never came to the active site; push there what is still needed",
  ]);
});

test("what has no tag is compared by its digest", () => {
  const lost = "policy/web sha256:aa sha256:aa";
  const latest = "policy/web latest sha256:bb";
  const parity = parityOf(readInventory(`${lost}\n${latest}\n`), readInventory(`${latest}\n`));
  assert.deepEqual([parity.missing, parity.different], [["policy/web@sha256:aa"], []]);
});

test("each project's repositories and tags are counted at both sites; long lists are cut", () => {
  const table = renderInventories(
    new Map([
      ["dc1", active],
      ["dc2", standby],
    ]),
  );
  assert.match(table, /│ policy +│ +2 │ +3 │ +2 │ +3 │/);
  assert.match(table, /│ platform +│ +1 │ +1 │ +1 │ +1 │/);
  const many = readInventory(Array.from({ length: 23 }, (_, index) => `policy/web ${index} sha256:aa`).join("\n"));
  assert.equal(renderParity(parityOf(many, readInventory("")), "dc2").at(-1), "dc2 lacks: 3 more");
});
