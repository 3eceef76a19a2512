import assert from "node:assert/strict";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { execa } from "execa";
import { declaredHarbor } from "../../../../environments/model/harbor.ts";
import { registryAccounts } from "../../../../environments/model/registry.ts";
import type { Site } from "../../../../environments/model/topology.ts";
import { topologyWith } from "../../../environments/broken.ts";
import { StandIn } from "./stand-in.ts";

const program = join(import.meta.dirname, "../../../../scripts/registry/harbor/apply.ts");
const topology = topologyWith(() => {});
const passwords = Object.fromEntries(registryAccounts(topology).map(({ name }) => [name, `Password-1-of-${name}`]));

let harbor: StandIn;
let url: string;
beforeEach(async () => {
  harbor = new StandIn();
  url = await harbor.start();
});
afterEach(() => harbor.stop());

const applied = (password: string) =>
  execa("node", [program], {
    env: { TANDEM_HARBOR: JSON.stringify(declaredHarbor(topology, topology.sites[0] as Site)) },
    input: JSON.stringify({ login: { url, account: "admin", password }, authorities: [], passwords }),
    reject: false,
    all: true,
  });

test("what an up runs makes Harbor as declared, says what it changed, and no password", async () => {
  const first = await applied(harbor.admin);
  assert.equal(first.exitCode, 0, first.all);
  assert.match(first.stdout, /^project policy: missing$/m);
  assert.ok(![harbor.admin, ...Object.values(passwords)].some((password) => first.all.includes(password)), first.all);
  assert.equal(harbor.policies.length, 2);
  const second = await applied(harbor.admin);
  assert.deepEqual([second.exitCode, second.all], [0, ""]);
});

test("a Harbor that refuses the administrator fails the up with its words, and no password", async () => {
  const refused = await applied("Not-the-password-1");
  assert.equal(refused.exitCode, 1);
  assert.match(refused.all, /HTTP status 401: UNAUTHORIZED: unauthorized/);
  assert.ok(!refused.all.includes("Not-the-password-1"), refused.all);
});
