import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { withTemporaryDirectory } from "../../../scripts/console/temporary-directory.ts";
import { statesOf } from "../../support/lab.ts";
import { editEnvironment } from "../environment.ts";
import { docker, hostNamed, lab, npm, npmSucceeds, on, own, said } from "../session.ts";
import { outputsOf } from "./session.ts";

const ofDc2 = ["--platform", "lab", "--stack", "lab-dc2"];

/** Edits of the environment file that are refused, and by which words. */
const refused: readonly (readonly [what: string, from: RegExp, to: string, says: RegExp])[] = [
  [
    "a database of two nodes",
    /database: \{ db1: r1, db2: r2, db3: r3 \}/g,
    "database: { db1: r1, db2: r2 }",
    /hosts\.database: the number of database hosts; given 2; allowed an odd number from three on/,
  ],
  [
    "a database without a majority in service",
    /$/,
    "\noutOfService: { dc2-platform-db1: Disk gone, dc2-platform-db2: Disk gone }\n",
    /outOfService: dc2 platform would have 1 of 3 database hosts in service; .*replace one of them first/,
  ],
  [
    "a dead host that its stack has not forgotten",
    /$/,
    "\noutOfService: { dc2-platform-db3: Disk gone }\n",
    /dc2-platform-db3 is out of service, and this stack would delete what it has there, data too; .*npm run hosts -- forget dc2-platform-db3/,
  ],
];

for (const [what, from, to, says] of refused)
  test(`${what} is refused before anything is touched`, async () => {
    const earlier = statesOf(lab);
    const restore = editEnvironment(from, to);
    try {
      const up = await npm("up", ofDc2);
      assert.equal(up.code, 1, said(up));
      assert.match(`${up.stdout}${up.stderr}`, says);
    } finally {
      restore();
    }
    assert.deepEqual(statesOf(lab), earlier);
  });

test("what a policy forbids is refused before anything is touched", async () => {
  const earlier = statesOf(lab);
  const file = join(own.checkout, "components", "host", "service-container.ts");
  const original = readFileSync(file, "utf8");
  const edited = original.replace('restart: "unless-stopped",', 'restart: "no",');
  assert.notEqual(edited, original);
  writeFileSync(file, edited);
  try {
    const up = await npm("up", ofDc2);
    assert.equal(up.code, 1, said(up));
    assert.match(up.stdout, /policy container-must-restart: /);
    assert.match(up.stdout, /^stopped: a preview failed; nothing was changed$/m);
  } finally {
    writeFileSync(file, original);
  }
  assert.deepEqual(statesOf(lab), earlier);
});

test("another machine in a host's place is refused by the program itself", async () => {
  const host = hostNamed("dc2-platform-db1");
  await on(
    host,
    "sudo -n sh -c 'cp /etc/machine-id /etc/machine-id.own && echo 0123456789abcdef0123456789abcdef > /etc/machine-id'",
  );
  try {
    const up = await npm("pulumi", ["up", "--yes", "--skip-preview", "--stack", "lab-dc2"]);
    assert.notEqual(up.code, 0, said(up));
    assert.match(said(up), /dc2-platform-db1.*0123456789abcdef0123456789abcdef/);
  } finally {
    await on(host, "sudo -n mv /etc/machine-id.own /etc/machine-id");
  }
});

test("another cluster behind the API than the recorded one is refused by the program itself, with what brings the recorded one back", async () => {
  const recorded = await npmSucceeds("pulumi", "stack", "export", "--stack", "lab-dc2");
  const { core } = await outputsOf<{ core: { cluster: { uid: string } } }>("lab-dc2");
  const other = "01234567-89ab-4cde-8f01-23456789abcd";
  await withTemporaryDirectory(async (directory) => {
    const load = async (state: string): Promise<void> => {
      const file = join(directory, "state.json");
      writeFileSync(file, state, { mode: 0o600 });
      await npmSucceeds("pulumi", "stack", "import", "--file", file, "--stack", "lab-dc2");
    };
    await load(recorded.replaceAll(core.cluster.uid, other));
    try {
      const up = await npm("pulumi", ["up", "--yes", "--skip-preview", "--stack", "lab-dc2"]);
      assert.notEqual(up.code, 0, said(up));
      assert.match(
        said(up),
        new RegExp(`was deployed to the cluster ${other}, now the API is that of ${core.cluster.uid}: .*--into-cluster`),
      );
    } finally {
      await load(recorded);
    }
  });
});

test("a data volume is not destroyed with its stack", async () => {
  const destroy = await npm("pulumi", ["destroy", "--preview-only", "--stack", "lab-dc2"]);
  assert.notEqual(destroy.code, 0, said(destroy));
  assert.match(said(destroy), /cannot be deleted\s+because it is protected/);
  await docker.getVolume(`tandem-${lab.id}-dc2-platform-db1-database-data`).inspect();
});
