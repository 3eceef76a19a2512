import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { EnvironmentError } from "../../environments/model/errors.ts";
import { environmentPath } from "../../environments/model/load.ts";
import { readEnvironment } from "../../environments/model/read-environment.ts";
import { topologyOf } from "../../environments/model/topology-of.ts";

const text = readFileSync(environmentPath("reference"), "utf8");
const withException = (lines: string): ReturnType<typeof readEnvironment> =>
  readEnvironment(`${text}\nexceptions:\n  old-proxy:\n${lines}`, "reference.yaml", { platform: "reference" });
const sound = {
  ...{ rule: "container-must-restart", resource: "haproxy-dc1-platform-lb1" },
  ...{ owner: "Network team", reason: "Until the next release", expires: "2027-06-30" },
};
const lines = (of: object): string =>
  Object.entries(of)
    .map(([key, value]) => `    ${key}: ${value}\n`)
    .join("");

test("an exception of a policy has a rule, a resource, an owner, a reason and a last day", () => {
  assert.deepEqual(topologyOf(withException(lines(sound))).exceptions, [{ name: "old-proxy", ...sound }]);
  assert.deepEqual(topologyOf(readEnvironment(text, "reference.yaml", { platform: "reference" })).exceptions, []);
});

test("a last day that is none, a resource that could be several, and what is missing are told together", () => {
  const { reason: _, ...without } = sound;
  assert.throws(
    () => withException(lines({ ...without, resource: '"*"', expires: "soon" })),
    (error: unknown) => {
      assert.ok(error instanceof EnvironmentError);
      assert.deepEqual(
        error.problems.map(({ path }) => path.join(".")),
        ["exceptions.old-proxy.reason", "exceptions.old-proxy.resource", "exceptions.old-proxy.expires"],
      );
      return true;
    },
  );
});
