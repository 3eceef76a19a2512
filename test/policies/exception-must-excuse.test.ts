import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { rule as limits } from "../../policies/rules/container-must-limit-memory.ts";
import { rule } from "../../policies/rules/exception-must-excuse.ts";
import { judged, reference, ruleTests } from "./judging.ts";
import { container } from "./shown.ts";

const exception = (changes: object = {}) => ({
  topology: {
    ...reference,
    exceptions: [
      {
        ...{ name: "old-proxy", rule: "container-must-limit-memory", resource: "haproxy-dc1-platform-lb1" },
        ...{ owner: "Network team", reason: "Until the next release", expires: "2026-12-31", ...changes },
      },
    ],
  },
});

ruleTests(rule, {
  refuses: [
    [
      "an exception of a rule that there is not",
      [container()],
      "exception old-proxy is of a rule that there is not; given container-must-be-small",
      exception({ rule: "container-must-be-small" }),
    ],
    [
      "one that has expired",
      [container()],
      "exception old-proxy has expired; given 2026-11-29; allowed 2026-11-30 or later; fix: remove it, or let Network team prolong it",
      exception({ expires: "2026-11-29" }),
    ],
  ],
  permits: [
    ["a live one", [container()], exception()],
    [
      "an expired one of another stack's resource",
      [container()],
      exception({ expires: "2026-11-29", resource: "haproxy-dc2-platform-lb1" }),
    ],
  ],
  waitsFor: [],
});

describe("an exception", () => {
  const greedy = [container({ memory: undefined }), container({ memory: undefined }, { host: "dc1-platform-lb2" })];
  it("excuses one resource of one rule, and no other", () => {
    assert.equal(judged(limits, greedy).said.length, 2);
    assert.equal(judged(limits, greedy, exception()).said.length, 1);
    assert.equal(judged(limits, greedy, exception({ rule: "container-must-restart" })).said.length, 2);
  });
  it("excuses on its last day, and afterwards the rule says whose it was", () => {
    assert.equal(judged(limits, greedy.slice(0, 1), exception({ expires: "2026-11-30" })).said.length, 0);
    const { said } = judged(limits, greedy.slice(0, 1), exception({ expires: "2026-11-29" }));
    assert.match(said[0] ?? "", /; the exception old-proxy of Network team ended with 2026-11-29$/);
  });
});
