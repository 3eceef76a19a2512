import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { HarborClient } from "../../../../scripts/registry/harbor/client.ts";
import { followedFrom, imagesOf } from "../../../../scripts/registry/harbor/state.ts";
import { StandIn } from "./stand-in.ts";

let harbor: StandIn;
let client: HarborClient;
beforeEach(async () => {
  harbor = new StandIn();
  client = new HarborClient({ url: await harbor.start(), account: "admin", password: harbor.admin });
});
afterEach(async () => {
  await harbor.stop();
  assert.deepEqual(harbor.unknown, [], "requests that Harbor does not know");
});

test("images are listed by tag, those without a tag by digest, and tags that stay at their site are left out", async () => {
  harbor.projects.push({ id: 2, project_id: 2, name: "policy", metadata: {} });
  harbor.artifacts.set("policy/claims/web", [
    { digest: "sha256:aa", tags: [{ name: "2.1" }, { name: "2" }, { name: "3-snapshot" }] },
    { digest: "sha256:bb", tags: null },
    { digest: "sha256:cc", tags: [{ name: "4-snapshot" }] },
  ]);
  harbor.artifacts.set("library/other", [{ digest: "sha256:dd", tags: [{ name: "1" }] }]);
  assert.deepEqual(await imagesOf(client, ["office", "policy"], "*-snapshot"), [
    { repository: "policy/claims/web", tag: "2.1", digest: "sha256:aa" },
    { repository: "policy/claims/web", tag: "2", digest: "sha256:aa" },
    { repository: "policy/claims/web", tag: "sha256:bb", digest: "sha256:bb" },
  ]);
});

test("more images than a page has are all listed", async () => {
  harbor.projects.push({ id: 2, project_id: 2, name: "policy", metadata: {} });
  const tags = (index: number) => ({ digest: `sha256:${index}`, tags: [{ name: String(index) }] });
  harbor.artifacts.set(
    "policy/web",
    Array.from({ length: 230 }, (_, index) => tags(index)),
  );
  assert.equal((await imagesOf(client, ["policy"])).length, 230);
});

test("the standby follows since the last whole run that succeeded began; one that fails says so", async () => {
  assert.deepEqual(await followedFrom(client), { until: undefined, problem: "there is no replication tandem-all" });
  const trigger = { type: "scheduled", trigger_settings: { cron: "0 */15 * * * *" } };
  harbor.policies.push({ id: 5, name: "tandem-all", enabled: true, trigger });
  assert.deepEqual(await followedFrom(client), { until: undefined, problem: undefined });
  const run = (id: number, status: string, minute: string) => ({
    id,
    policy_id: 5,
    status,
    start_time: `2026-06-01T00:${minute}:00.000Z`,
    total: 9,
    failed: 2,
  });
  harbor.executions.push(run(1, "Succeed", "15"));
  assert.deepEqual(await followedFrom(client), { until: Date.parse("2026-06-01T00:15:00Z") / 1000, problem: undefined });
  harbor.executions.unshift(run(3, "InProgress", "45"), run(2, "Failed", "30"));
  assert.deepEqual(await followedFrom(client), {
    until: Date.parse("2026-06-01T00:15:00Z") / 1000,
    problem: "the last run: Failed, 2 of 9 images failed",
  });
});
