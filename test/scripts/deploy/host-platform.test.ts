import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { platformOfHost } from "../../../scripts/deploy/host-platform.ts";

const all = [
  { platform: "lab", declared: ["dc1-a", "dc1-b"], held: ["dc1-a", "dc1-old"] },
  { platform: "reference", declared: ["dc1-a", "dc1-b", "dc1-c"], held: [] },
];

describe("the platform of a host", () => {
  it("is the one whose state holds it, also when another one's file names it or no file does any more", () => {
    assert.equal(platformOfHost("dc1-a", all), "lab");
    assert.equal(platformOfHost("dc1-old", all), "lab");
  });

  it("is the one whose file names it where no state holds it", () => {
    assert.equal(platformOfHost("dc1-c", all), "reference");
  });

  it("is asked for only when several have it", () => {
    assert.throws(() => platformOfHost("dc1-b", all), /lab and reference have.*--platform lab or --platform reference/);
  });

  it("of no platform is refused with the nearest name", () => {
    assert.throws(() => platformOfHost("dc1-odl", all), /no platform has such a host; did you mean "dc1-old"/);
  });
});
