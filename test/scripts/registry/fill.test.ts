import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { UserError } from "../../../scripts/console/errors.ts";
import { fillAll } from "../../../scripts/registry/fill.ts";
import { askWords, copyWords, type FillTo, type SeedImage, seedImages } from "../../../scripts/registry/seed.ts";
import { topologyWith } from "../../environments/broken.ts";

const to: FillTo = { registry: "registry.example.internal", authFile: "/run/login.json", certificateDirectory: "/run/trusted" };
const manifest = (text: string): SeedImage => ({
  repository: "platform/haproxy",
  tag: text,
  digest: `sha256:${createHash("sha256").update(text).digest("hex")}`,
});

test("what the platform runs from is brought, each once; images of other registries are not", () => {
  const topology = topologyWith((e) => {
    e.set("images kine", topologyWith(() => {}).images["haproxy"]);
    e.set("images pause", `elsewhere.internal/platform/pause:1@sha256:${"0".repeat(64)}`);
  });
  const images = seedImages(topology).map(({ repository, tag }) => `${repository}:${tag}`);
  assert.equal(images.filter((image) => image === "platform/haproxy:3.0.11").length, 1);
  assert.ok(images.includes("platform/coredns:1.15.0"), images.join("\n"));
  assert.ok(!images.some((image) => image.includes("pause") || image.includes("kine")), images.join("\n"));
  assert.deepEqual(seedImages(topologyWith(() => {}, "lab")), []);
});

test("an image is taken from the seed by its digest, or from an archive by its name", () => {
  const image = manifest("3.0.11");
  const target = "docker://registry.example.internal/platform/haproxy:3.0.11";
  const registry = copyWords(image, { seed: { registry: "seed.internal" }, directory: "/platform" }, to);
  assert.deepEqual(registry.slice(-2), [`docker://seed.internal/platform/haproxy@${image.digest}`, target]);
  const archive = copyWords(image, { seed: { archive: "seeds/images.tar" }, directory: "/platform" }, to);
  assert.deepEqual(archive.slice(-2), ["oci-archive:/platform/seeds/images.tar:platform/haproxy:3.0.11", target]);
  assert.equal(askWords(image, to).at(-1), target);
});

/** A registry that knows what was copied to it, and a seed that lacks some of it, or has another one. */
function registryWith(tags: Map<string, string>, seed: ReadonlyMap<string, string>) {
  const asked: string[] = [];
  const skopeo = async (words: readonly string[]): Promise<Uint8Array> => {
    const tag = words.at(-1)?.split(":").at(-1) ?? "";
    if (words[0] === "copy") {
      asked.push(tag);
      const content = seed.get(tag);
      if (content === undefined) throw new UserError(`reading manifest ${tag}: manifest unknown`);
      tags.set(tag, content);
      return Buffer.from("");
    }
    const content = tags.get(tag);
    if (content === undefined) throw new UserError("manifest unknown");
    return Buffer.from(content);
  };
  return { skopeo, asked };
}

const from = { seed: { registry: "seed.internal" }, directory: "/" } as const;
const images = ["1", "2", "3", "4"].map(manifest);

test("only what is not there is brought, and a second run brings nothing", async () => {
  const tags = new Map([["1", "1"]]);
  const { skopeo, asked } = registryWith(tags, new Map(images.map(({ tag }) => [tag, tag])));
  const said: string[] = [];
  await fillAll(images, from, to, (text) => said.push(text), skopeo);
  assert.deepEqual(asked, ["2", "3", "4"]);
  assert.deepEqual(said, [
    "1 of 4 platform/haproxy:1: there already",
    ...["2", "3", "4"].map((tag) => `${tag} of 4 platform/haproxy:${tag}: brought`),
  ]);
  await fillAll(images, from, to, () => {}, skopeo);
  assert.deepEqual(asked, ["2", "3", "4"]);
});

test("what the seed lacks, or has another of, is told of by name, and the rest is brought", async () => {
  const tags = new Map<string, string>();
  const { skopeo } = registryWith(
    tags,
    new Map([
      ["1", "1"],
      ["3", "other"],
      ["4", "4"],
    ]),
  );
  await assert.rejects(
    fillAll(images, from, to, () => {}, skopeo),
    {
      name: "UserError",
      message: [
        "platform/haproxy:2: reading manifest 2: manifest unknown",
        `platform/haproxy:3: the seed has another image under this tag than ${images[2]?.digest}`,
        "2 of 4 images were not brought; run again when they can be",
      ].join("\n"),
    },
  );
  assert.deepEqual([tags.get("1"), tags.get("4")], ["1", "4"]);
});
