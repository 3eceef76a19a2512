import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { resourcesOf } from "../../../../scripts/deploy/deployment.ts";
import { compareContainer, type FoundContainer } from "../../../../scripts/deploy/drift/containers.ts";
import { containersOf, engineOf, probesAreSealed, probesOf } from "../../../../scripts/deploy/drift/declared.ts";
import { compareTexts, driftExitCode, notJudged, renderDrift, same } from "../../../../scripts/deploy/drift/finding.ts";
import { exampleState, providerUrn } from "../states.ts";

const subject = { stack: "lab-dc1", host: "dc1-platform-db1", what: "file /etc/x" };

describe("what a state declares", () => {
  it("is the probes of all components and the containers with their engine", () => {
    const state = exampleState();
    assert.deepEqual(
      probesOf("lab-dc1", state).map(({ host, stack }) => [host, stack]),
      [
        ["dc1-platform-db1", "lab-dc1"],
        ["dc1-platform-db10", "lab-dc1"],
      ],
    );
    const [first] = containersOf("lab-dc1", state);
    assert.equal(first?.name, "tandem-dc1-platform-db1");
    assert.equal(engineOf(state, first?.provider ?? ""), "unix:///run/x.sock");
  });

  it("never names the local engine for a provider whose host is a secret or missing", () => {
    const state = exampleState();
    const withInputs = (inputs: Record<string, unknown>): string | undefined => {
      const resources = resourcesOf(state).map((resource) => (resource.urn === providerUrn ? { ...resource, inputs } : resource));
      return engineOf({ ...state, deployment: { ...state.deployment, resources } }, providerUrn);
    };
    const secret = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };
    assert.equal(withInputs({ host: { ...secret, ciphertext: "v1:x" } }), undefined);
    assert.equal(withInputs({ host: "" }), undefined);
    assert.equal(withInputs({}), undefined);
    assert.equal(engineOf(state, "urn:of-no-provider"), undefined);
    assert.equal(withInputs({ host: { ...secret, plaintext: '"ssh://a@b:22"' } }), "ssh://a@b:22");
  });

  it("is opened with secrets only where a probe is one", () => {
    const state = exampleState();
    assert.equal(probesAreSealed(state), false);
    const secret = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };
    const sealed = (value: object): boolean => {
      const resources = resourcesOf(state).map((resource) =>
        resource.outputs?.["probes"] ? { ...resource, outputs: { probes: value } } : resource,
      );
      return probesAreSealed({ ...state, deployment: { ...state.deployment, resources } });
    };
    assert.equal(sealed({ ...secret, ciphertext: "v1:x" }), true);
    assert.equal(sealed([{ what: { ...secret, ciphertext: "v1:x" } }]), true);
    assert.equal(sealed({ ...secret, plaintext: "[]" }), false);
  });
});

describe("comparing", () => {
  it("shows a difference as a unified diff, and takes a last newline for nothing", () => {
    assert.equal(compareTexts(subject, "a\nb\n", "a\nb").verdict, "same");
    const { verdict, detail } = compareTexts(subject, "a\nb\n", "a\nc\n");
    assert.equal(verdict, "different");
    assert.match(detail, /^-b$/m);
    assert.match(detail, /^\+c$/m);
  });

  it("ends with 1 for a difference and for what could not be judged", () => {
    assert.equal(driftExitCode([same(subject)]), 0);
    assert.equal(driftExitCode([same(subject), compareTexts(subject, "a", "b")]), 1);
    assert.equal(driftExitCode([same(subject), notJudged(subject, "unreachable")]), 1);
  });

  it("shows what was not judged and why", () => {
    assert.match(
      renderDrift([notJudged(subject, "no route to host")]),
      /dc1-platform-db1: file \/etc\/x: not judged\nno route to host/,
    );
  });
});

describe("a container", () => {
  const [declared] = containersOf("lab-dc1", exampleState());
  assert.ok(declared);
  const found: FoundContainer = {
    id: declared.id,
    name: declared.name,
    running: true,
    imageId: "sha256:1",
    declaredImageIds: ["sha256:1"],
    labels: { ...declared.labels, "from.the.image": "x" },
  };

  it("is as declared when it runs with its image and its labels; labels of the image are its own affair", () => {
    assert.equal(compareContainer(declared, found).verdict, "same");
  });

  for (const [what, other, pattern] of [
    ["is missing", undefined, /no such container/],
    ["is stopped", { ...found, running: false }, /declared running, found stopped/],
    ["is another one of the same name", { ...found, id: "other" }, /another container has its name/],
    ["runs another image", { ...found, imageId: "sha256:2" }, /runs image 2/],
    ["has another label", { ...found, labels: { "tandem.host": "x" } }, /^\+tandem\.host=x$/m],
  ] as const) {
    it(`differs when it ${what}`, () => {
      const finding = compareContainer(declared, other);
      assert.equal(finding.verdict, "different");
      assert.match(finding.detail, pattern);
    });
  }
});
