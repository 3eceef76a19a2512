import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { same } from "../../../../../scripts/toolchain/plugins/provider/differences.ts";
import { redactor } from "../../../../../scripts/toolchain/plugins/provider/redact.ts";
import {
  containsSecret,
  containsUnknown,
  plain,
  secret,
  secretTexts,
  unknown,
  type Value,
} from "../../../../../scripts/toolchain/plugins/provider/values.ts";
import { fromStruct, toStruct } from "../../../../../scripts/toolchain/plugins/provider/wire.ts";

// The maps of google-protobuf, which the SDK and every provider in JavaScript speak through, can't hold the key __proto__.
const value = fc.jsonValue().filter((each) => !JSON.stringify(each).includes('"__proto__":')) as fc.Arbitrary<Value>;

test("a secret mark is found at any depth, gives its texts, and plain takes it away", () => {
  const marked: Value = { a: [1, { b: secret({ c: "hidden", d: secret("deep") }) }], e: "open" };
  assert.ok(containsSecret(marked));
  assert.deepEqual(secretTexts(marked), ["hidden", "deep"]);
  assert.deepEqual(plain(marked), { a: [1, { b: { c: "hidden", d: "deep" } }], e: "open" });
});

test("an unknown is found at any depth, inside a secret too", () => {
  assert.ok(containsUnknown([{ a: secret([unknown]) }]));
  assert.ok(!containsUnknown([{ a: secret(["known"]) }]));
});

test("every value equals itself, also on the way through the protocol, and differs when it becomes secret", () => {
  fc.assert(
    fc.property(value, (each) => {
      assert.ok(same(each, structuredClone(each)));
      assert.ok(!same(each, secret(each)));
      const copy = fromStruct(toStruct({ each }))["each"];
      assert.ok(same(copy, JSON.parse(JSON.stringify(each))));
    }),
  );
});

test("redaction takes out secrets of several lines line by line, the longest first, and leaves short ones", () => {
  const redact = redactor(["abcdef", "abcdefghi", "first line\nsecond line", "x"]);
  assert.equal(redact("abcdefghi abcdef x, second line"), "[secret] [secret] x, [secret]");
});
