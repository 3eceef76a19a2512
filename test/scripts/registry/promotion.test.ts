import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { inventoryOf } from "../../../scripts/registry/parity.ts";
import { lackOf } from "../../../scripts/registry/promotion.ts";

const roles = { from: "dc1", to: "dc2" };
const tag = (name: string, digest: string) => ({ repository: "policy/claims", tag: name, digest });

describe("a site that is to become the active one", () => {
  it("may when its registry has every image of the other's, and more", () => {
    const before = inventoryOf([tag("1.0", "sha256:aa")]);
    const to = inventoryOf([tag("1.0", "sha256:aa"), tag("0.9", "sha256:bb")]);
    assert.equal(lackOf(roles, new Map(Object.entries({ dc1: before, dc2: to }))), undefined);
  });

  it("is told what is missing and what is another image", () => {
    const before = inventoryOf([tag("1.0", "sha256:aa"), tag("1.1", "sha256:bb"), tag("1.2", "sha256:cc")]);
    const to = inventoryOf([tag("1.0", "sha256:aa"), tag("1.1", "sha256:00")]);
    assert.equal(
      lackOf(roles, new Map(Object.entries({ dc1: before, dc2: to }))),
      `1 images of dc1's are missing in its registry, and 1 are others than there:
missing: policy/claims:1.2
other: policy/claims:1.1`,
    );
  });

  it("lacks all where its registry holds nothing", () => {
    const before = inventoryOf([tag("1.0", "sha256:aa")]);
    assert.match(lackOf(roles, new Map([["dc1", before]])) ?? "", /^1 images of dc1's are missing/);
  });
});
