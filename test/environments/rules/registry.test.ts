import assert from "node:assert/strict";
import { test } from "node:test";
import { passwordsOf, signingKeysOf } from "../../../environments/model/certificates.ts";
import { harborImageNames } from "../../../environments/model/schema/services.ts";
import { checkCases, type Edit, topologyWith } from "../broken.ts";

const distribution = "registry.reference.tandem.internal/platform/distribution:2.8.3";
const digest = `@sha256:${"0".repeat(64)}`;
const allowed = "<registry>/<repository>:<version>@sha256:<64 hexadecimal digits>";

function withoutHarborSettings(e: Parameters<Edit>[0]): void {
  e.set("flavors registry", "distribution");
  for (const setting of ["overwrites", "mbitPerSecond", "exceptTags"]) e.remove(`registry replication ${setting}`);
  for (const section of ["projects", "accounts"]) e.remove(`registry ${section}`);
}

checkCases([
  {
    promise: "Harbor runs from all of its images",
    platform: "reference",
    edit: (e) => {
      e.remove("images harbor-core");
      e.remove("images harbor-trivy");
    },
    problems: [
      `images: flavors.registry is harbor, which needs the image harbor-core; given none; allowed ${allowed}; fix: add images.harbor-core, or change flavors.registry`,
      `images: flavors.registry is harbor, which needs the image harbor-trivy; given none; allowed ${allowed}; fix: add images.harbor-trivy, or change flavors.registry`,
    ],
  },
  {
    promise: "the other flavor's image has no effect beside Harbor's",
    platform: "reference",
    edit: (e) => e.set("images registry", `${distribution}${digest}`),
    problems: [
      "images.registry: nothing runs from it: flavors.registry is harbor; allowed with flavors.registry: distribution only; fix: remove it, or change flavors.registry",
    ],
  },
  {
    promise: "distribution runs from one image, and Harbor's have no effect beside it",
    platform: "reference",
    edit: (e) => {
      withoutHarborSettings(e);
      for (const name of harborImageNames.slice(1)) e.remove(`images ${name}`);
    },
    problems: [
      `images: flavors.registry is distribution, which needs the image registry; given none; allowed ${allowed}; fix: add images.registry, or change flavors.registry`,
      "images.harbor-front: nothing runs from it: flavors.registry is distribution; allowed with flavors.registry: harbor only; fix: remove it, or change flavors.registry",
    ],
  },
  {
    promise: "all of Harbor is of one version",
    platform: "reference",
    edit: (e) => e.set("images harbor-database", `registry.reference.tandem.internal/platform/harbor-db:v2.14.0${digest}`),
    problems: [
      "images.harbor-database: another version of Harbor than images.harbor-front; given v2.14.0; allowed v2.13.2; fix: make all of Harbor's the same",
    ],
  },
  {
    promise: "a host of Harbor has room for all of its parts",
    platform: "reference",
    edit: (e) => e.set("sizes registry memoryGib", 7),
    problems: [
      "sizes.registry.memoryGib: too little for all parts of Harbor; given 7; allowed at least 8; fix: give the registry's hosts more, or change flavors.registry",
    ],
  },
  {
    promise: "a lab has no Harbor",
    platform: "lab",
    edit: (e) => e.set("flavors registry", "harbor"),
    problems: ["flavors.registry: a lab has no images of Harbor; given harbor; allowed distribution; fix: change it"],
  },
]);

test("Harbor's own passwords and key are made where there is Harbor, once for both sites; real machines may have distribution", () => {
  const harbor = topologyWith(() => {});
  const other = topologyWith((e) => {
    withoutHarborSettings(e);
    e.set("images registry", `${distribution}${digest}`);
    for (const name of harborImageNames) e.remove(`images ${name}`);
  });
  const own = passwordsOf(harbor).filter((name) => !passwordsOf(other).includes(name));
  assert.deepEqual(
    own,
    ["administrator", "core", "csrf", "database", "encryption", "jobservice", "redis", "storage", "uploads"].map(
      (name) => `registry-harbor-${name}`,
    ),
  );
  assert.deepEqual([signingKeysOf(harbor), signingKeysOf(other)], [["registry-harbor-tokens"], []]);
});
