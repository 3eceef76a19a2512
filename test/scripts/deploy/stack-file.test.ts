import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { withoutSecrets, withSharedSalt } from "../../../scripts/deploy/stack-file.ts";

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

describe("a new stack's file", () => {
  it("takes over the salt of its platform's other stacks", () => {
    const others = [{ config: {} }, { encryptionsalt: "v1:s" }];
    assert.deepEqual(withSharedSalt({ config: { a: "b" } }, others), { encryptionsalt: "v1:s", config: { a: "b" } });
  });

  it("stays as it is where nobody has one, or where it says already what opens its secrets", () => {
    for (const [file, salt] of [
      [{}, undefined],
      [{ encryptionsalt: "v1:own" }, "v1:s"],
      [{ secretsprovider: "hashivault://key" }, "v1:s"],
    ] as const)
      assert.equal(withSharedSalt(file, [{ encryptionsalt: salt }]), file);
  });
});
