import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { resourcesOf } from "../../../../scripts/deploy/deployment.ts";
import { different, notJudged, same } from "../../../../scripts/deploy/drift/finding.ts";
import { repairsOf } from "../../../../scripts/deploy/drift/repair.ts";
import { commandUrn, exampleState } from "../states.ts";

const host = "dc1-platform-db1";
const subject = { stack: "lab-dc1", host, what: "file /etc/x" };
const expected = { ...subject, script: "cat > /etc/x", stdin: "one\n", secret: false };

describe("repairing drift", () => {
  it("runs the script again that made what differs, with what it reads, and no other host's", () => {
    assert.deepEqual(repairsOf("lab-dc1", exampleState(), [different(subject, "x")]), [expected]);
  });

  it("touches nothing that is as declared, was not judged, or belongs to another stack", () => {
    const other = different({ ...subject, stack: "lab-dc2" }, "x");
    assert.deepEqual(repairsOf("lab-dc1", exampleState(), [same(subject), notJudged(subject, "x"), other]), []);
  });

  it("has no repair for a container", () => {
    const container = different({ ...subject, what: `container tandem-${host}` }, "x");
    assert.deepEqual(repairsOf("lab-dc1", exampleState(), [container]), []);
  });

  it("opens what is secret and marks it, so that nothing of it is shown", () => {
    const state = exampleState();
    const secret = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };
    const withStdin = (stdin: unknown) => ({
      ...state,
      deployment: {
        ...state.deployment,
        resources: resourcesOf(state).map((each) =>
          each.urn === commandUrn(host) ? { ...each, inputs: { ...each.inputs, stdin } } : each,
        ),
      },
    });
    const shown = withStdin({ ...secret, plaintext: '"one\\n"' });
    assert.deepEqual(repairsOf("lab-dc1", shown, [different(subject, "x")]), [{ ...expected, secret: true }]);
    const sealed = withStdin({ ...secret, ciphertext: "v1:x" });
    assert.throws(() => repairsOf("lab-dc1", sealed, [different(subject, "x")]), /holds no script/);
  });
});
