import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { withoutSecrets } from "../../../scripts/deploy/stack-file.ts";

describe("a stack's file for a backend that can't open its secrets", () => {
  it("keeps plain values and loses secrets, also nested ones, with what opens them", () => {
    const config = { "tandem:plain": "x", "tandem:key": { secure: "v1:a" }, "tandem:list": [{ at: { secure: "v1:b" } }] };
    assert.deepEqual(withoutSecrets({ encryptionsalt: "v1:s", secretsprovider: "passphrase", config }), {
      config: { "tandem:plain": "x" },
    });
  });

  it("may be without values", () => {
    assert.deepEqual(withoutSecrets({ encryptionsalt: "v1:s" }), {});
  });
});
