import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { execa } from "execa";

test("drift finds a probe of everything that a zone and a site's services run on real machines", async () => {
  const program = join(import.meta.dirname, "../support/probed-resources.ts");
  const { stdout } = await execa(process.execPath, ["--max-semi-space-size=64", program]);
  const registered = Object.entries(JSON.parse(stdout) as Record<string, { commands: string[]; probed: string[] }>);
  assert.equal(registered.length, 2);
  for (const [stack, { commands, probed }] of registered) {
    assert.ok(commands.length > 0, stack);
    assert.deepEqual(probed, commands, stack);
  }
});
