import assert from "node:assert/strict";
import { test } from "node:test";
import { labNames } from "../../environments/model/lab.ts";
import { sampleContainer } from "../../scripts/lab/sample-pod.ts";
import { at, type Json } from "../support/api-call.ts";
import { until } from "../support/until.ts";
import { kubectl } from "./kubectl.ts";
import { apply, asked, hasReady, namespace, podOf } from "./pods.ts";
import { areEqual, seconds } from "./pushed-while-cut.ts";
import { imageName, whilePushing } from "./pushing.ts";
import { docker, lab, npmSucceeds } from "./session.ts";

// The registry pair of the whole lab. What each registry does with whom, and what becomes of interrupted copies: test/components/registry.

const idlePod = (name: string, image: string): Json =>
  podOf(name, namespace, {
    containers: [
      {
        ...{ name, image: imageName(image), imagePullPolicy: "Always", resources: sampleContainer.resources },
        securityContext: sampleContainer.securityContext,
      },
    ],
  });
const podNamed = (name: string): Promise<Json> => asked("get", "pod", name, `--namespace=${namespace}`);
const place = async (name: string, image: string): Promise<void> => {
  const { code, stderr } = await apply(idlePod(name, image));
  assert.equal(code, 0, stderr);
};

test("a pod gets its image from its own site's registry, and while that one's host has no power from the other site's", async () => {
  /** What a site's registry was asked for by the nodes of the platform zone. */
  const askedOf = async (site: string): Promise<string> => {
    const container = docker.getContainer(`${labNames.container(lab.id, `${site}-platform-reg1`)}-registry-front`);
    return (await container.logs({ stdout: true })).toString("latin1");
  };
  const pulled = (image: string): RegExp => new RegExp(`pull-platform GET /v2/platform/${image}/blobs/\\S+ 200`);
  const ready = async (name: string): Promise<void> => {
    const placed = performance.now();
    await until(`${name} is ready`, async () => hasReady(await podNamed(name)), 180_000);
    process.stdout.write(`${name} was ready ${seconds(placed)} after it was placed\n`);
  };
  const remove = () =>
    kubectl("delete", "pod", `--namespace=${namespace}`, "--ignore-not-found", "--now", "own-site", "other-site", "other-zone");
  try {
    await whilePushing(async ({ idle, random }) => {
      for (const name of ["own-site", "other-site"]) {
        const { code, said } = await idle("dc1", `platform/${name}:1`, name);
        assert.equal(code, 0, said);
      }
      assert.equal((await random("dc1", "policy/other-zone:1", 1000)).code, 0);
    });
    await areEqual();
    await place("own-site", "platform/own-site:1");
    await ready("own-site");
    assert.match(await askedOf("dc1"), pulled("own-site"));
    await place("other-zone", "policy/other-zone:1");
    await until(
      "the other zone's image is refused",
      async () => JSON.stringify(at(await podNamed("other-zone"), "status")).includes("403 Forbidden"),
      60_000,
    );
    await npmSucceeds("lab", "power-off", "dc1-platform-reg1");
    try {
      await place("other-site", "platform/other-site:1");
      await ready("other-site");
      assert.match(await askedOf("dc2"), pulled("other-site"));
    } finally {
      await npmSucceeds("lab", "power-on", "dc1-platform-reg1");
    }
    await areEqual();
  } finally {
    await remove();
  }
});
