import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../support/until.ts";
import { whilePushing } from "./pushing.ts";
import { npm, npmSucceeds } from "./session.ts";

export const link = ["dc1-platform-gw1", "dc1-platform-gw2"] as const;
export const seconds = (since: number): string => `${((performance.now() - since) / 1000).toFixed(1)} s`;

/** Until the standby's registry has all that the active site's has. */
export const areEqual = (): Promise<void> =>
  until("both registries hold the same", async () => (await npm("registry", ["status"])).code === 0, 180_000);

/** Images of different sizes, pushed at the active site while the link to the other one goes down and up. */
export function pushedWhileCut(count: number): void {
  test(`${count} images that are pushed while the link between the sites goes down and up are at the other one when it has healed, by digest`, async () => {
    await whilePushing(async ({ random }) => {
      const move = async (how: "cut" | "heal"): Promise<void> => {
        for (const gateway of link) await npmSucceeds("lab", how, gateway, "link");
      };
      try {
        for (let image = 1; image <= count; image++) {
          if (image % 4 === 2) await move("cut");
          const pushed = await random("dc1", `policy/test-${image % 3}:${image}`, 10 ** (3 + (image % 5)));
          assert.equal(pushed.code, 0, pushed.said);
          if (image % 4 === 0 && image < count) await move("heal");
        }
        const { code, stdout } = await npm("registry", ["status"]);
        assert.equal(code, 1, stdout);
        assert.match(stdout, /dc2 lacks: policy\/test-/);
      } finally {
        await move("heal");
      }
      const healed = performance.now();
      await areEqual();
      process.stdout.write(`${count} images were equal at both sites ${seconds(healed)} after the link had healed\n`);
      assert.match(await npmSucceeds("registry", "status"), /dc2: has all that the active site's registry had \d+ s ago/);
    });
  });
}
