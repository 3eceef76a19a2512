import assert from "node:assert/strict";
import { test } from "node:test";
import type { Volume } from "../../../environments/model/topology.ts";
import { renderUse } from "../../../scripts/nas/report.ts";
import { readUse, unwell } from "../../../scripts/nas/use.ts";

const gib = 2 ** 30;
const volume = (directory: string, sizeGib: number, users: readonly string[]): Volume => {
  const [zone = "", stack = "", service = ""] = directory.split("/");
  return { zone, stack, service, directory, sizeGib, users, isOfSite: false };
};
const documents = volume("policy/claims/documents", 2, ["claims-web", "claims-batch"]);
const letters = volume("policy/claims/letters", 1, ["letters"]);

/** As the program of measuring prints it. */
const measured = (free: number, directories: Readonly<Record<string, number>>): string =>
  [
    `4096 ${(100 * gib) / 4096} ${(free * gib) / 4096}`,
    ...Object.entries(directories).map(([path, bytes]) => `${bytes}\t${path}`),
    "",
  ].join("\0");

test("a volume that holds more than is declared for it is named, with who uses it", () => {
  const use = readUse(
    measured(50, { "./policy/claims/documents": 2 * gib + 1, "./policy/claims/letters": gib, "./policy": 3 * gib, ".": 3 * gib }),
  );
  assert.deepEqual(unwell(use, [documents, letters]), [
    "policy/claims/documents: holds 2.00 GiB; declared are 2. Ask claims-web, claims-batch, or declare more",
  ]);
});

test("a volume whose directory is not there is named, and one that holds as much as it may is not", () => {
  const use = readUse(measured(50, { "./policy/claims/documents": 2 * gib, ".": 2 * gib }));
  assert.deepEqual(unwell(use, [documents, letters]), [
    "policy/claims/letters: its directory is not there, so letters can't mount it",
  ]);
});

test("a disk with less than a tenth free is named", () => {
  const all = { "./policy/claims/documents": 0, "./policy/claims/letters": 0 };
  assert.deepEqual(unwell(readUse(measured(10, all)), [documents, letters]), []);
  assert.deepEqual(unwell(readUse(measured(9, all)), [documents, letters]), [
    "the disk: 9.0 % are free; needed are 10 %. Give it a larger disk, or take files away",
  ]);
});

test("directories that nobody declared are shown, whatever a client called them; a terminal reads nothing of it", () => {
  const use = readUse(
    measured(50, {
      "./policy/claims/documents": gib,
      "./policy/a\u001b[2J\n/b": 5 * gib,
      "./.recovery/x/y": 1,
      "./policy": 6 * gib,
    }),
  );
  const shown = renderUse("dc1-platform-nas1", use, [documents]);
  assert.match(shown, /not declared under volumes: "policy\/a\\u001b\[2J\\n\/b", 5\.00 GiB/);
  assert.ok(!shown.includes("recovery") && !shown.includes("\u001b"));
  assert.match(shown, /policy\/claims\/documents\s+│ claims-web, claims-batch\s+│\s+1\.00 │\s+2 │\s+50 /);
});

test("what is no measurement is refused", () => {
  assert.throws(() => readUse("sh: not found\n"), /the NAS printed no size of its disk/);
});
