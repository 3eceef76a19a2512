import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { cronEvery, declaredHarbor, type Permission } from "../../environments/model/harbor.ts";
import type { Site } from "../../environments/model/topology.ts";
import { topologyWith } from "./broken.ts";

const topology = topologyWith(() => {});
const [active, standby] = topology.sites as [Site, Site];

test("only the active site's Harbor sends, and both know where to", () => {
  const [here, there] = [declaredHarbor(topology, active), declaredHarbor(topology, standby)];
  assert.deepEqual(
    here.policies.map(({ name, trigger }) => [name, trigger]),
    [
      ["tandem-events", { type: "event_based" }],
      ["tandem-all", { type: "scheduled", trigger_settings: { cron: "0 */15 * * * *" } }],
    ],
  );
  assert.deepEqual(there.policies, []);
  assert.deepEqual(
    [here.destination, there.destination],
    [
      { name: "dc2", url: "https://registry.platform.dc2.reference.tandem.internal", account: "robot$replication" },
      { name: "dc1", url: "https://registry.platform.dc1.reference.tandem.internal", account: "robot$replication" },
    ],
  );
  const { destination: _, policies: __, ...rest } = here;
  const { destination: ___, policies: ____, ...restThere } = there;
  assert.deepEqual(rest, restThere);
});

test("an account may do its work and nothing else", () => {
  const { accounts } = declaredHarbor(topology, active);
  const rights = (of: string): string[] =>
    (accounts.find(({ name }) => name === of)?.permissions ?? []).flatMap(({ namespace, access }: Permission) =>
      access.map(({ resource, action }) => `${namespace} ${resource}:${action}`),
    );
  assert.deepEqual(rights("pull-policy"), ["platform repository:pull", "policy repository:pull"]);
  assert.deepEqual(rights("push-policy"), ["platform repository:pull", "policy repository:pull", "policy repository:push"]);
  assert.deepEqual(rights("monitoring"), ["/ project:list", "/ quota:list"]);
  assert.ok(rights("replication").includes("policy repository:push") && rights("replication").includes("/ project:list"));
  assert.ok(!accounts.some(({ permissions }) => permissions.some(({ namespace }) => namespace === "*")));
});

test("a project's rules are those of the environment file", () => {
  const [project] = declaredHarbor(topology, active).projects;
  assert.deepEqual(project, {
    name: "internet",
    metadata: { public: "false", auto_scan: "true", reuse_sys_cve_allowlist: "true", prevent_vul: "true", severity: "critical" },
    quotaBytes: 536_870_912_000,
    keep: { newest: 10, days: 400 },
    immutableTags: "[0-9]*",
  });
  const open = topologyWith((e) => {
    e.remove("registry projects refuseFrom");
    e.remove("registry projects immutableTags");
    e.remove("registry replication mbitPerSecond");
    e.remove("registry replication exceptTags");
    e.set("registry replication overwrites", true);
  });
  const declared = declaredHarbor(open, open.sites[0] as Site);
  assert.deepEqual(
    declared.projects.map(({ metadata, immutableTags }) => [metadata["prevent_vul"], metadata["severity"], immutableTags]),
    declared.projects.map(() => ["false", "none", undefined]),
  );
  assert.deepEqual(
    declared.policies.map(({ override, speed, filters }) => [override, speed, filters]),
    declared.policies.map(() => [true, 0, [{ type: "name", value: "**" }]]),
  );
});

test("all is compared at least as often as the environment file says, at the same distance all day", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1440 }), (minutes) => {
      const every = /^0 (?:\*\/(\d+) \*|0 (?:\*\/(\d+)|(0))) \* \* \*$/.exec(cronEvery(minutes));
      assert.ok(every, cronEvery(minutes));
      const [, inMinutes, inHours] = every;
      const found = inMinutes !== undefined ? Number(inMinutes) : inHours !== undefined ? Number(inHours) * 60 : 1440;
      assert.ok(found <= minutes && 1440 % found === 0, `${minutes}: ${cronEvery(minutes)}`);
    }),
  );
  assert.deepEqual([1, 15, 45, 60, 90, 700, 1440].map(cronEvery), [
    ...["0 */1 * * * *", "0 */15 * * * *", "0 */30 * * * *", "0 0 */1 * * *", "0 0 */1 * * *"],
    ...["0 0 */8 * * *", "0 0 0 * * *"],
  ]);
});
