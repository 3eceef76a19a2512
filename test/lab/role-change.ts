import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { runIn } from "../../scripts/lab/run-in.ts";
import { statesOf } from "../support/lab.ts";
import { until } from "../support/until.ts";
import { areEqual, link, seconds } from "./pushed-while-cut.ts";
import { whilePushing } from "./pushing.ts";
import { hostNamed, lab, machineName, npm, npmSucceeds, own, said } from "./session.ts";

const up = ["--platform", "lab"];

test("the sites change their roles: not while an image is missing, then registry and NAS go the other way, and back", async () => {
  const file = join(own.checkout, "environments", "lab.yaml");
  const original = readFileSync(file, "utf8");
  const exchanged = original.replace(
    /role: (active|standby)$/gm,
    (_, role) => `role: ${role === "active" ? "standby" : "active"}`,
  );
  assert.notEqual(exchanged, original);
  const move = async (how: "cut" | "heal"): Promise<void> => {
    for (const gateway of link) await npmSucceeds("lab", how, gateway, "link");
  };
  const change = async (text: string): Promise<void> => {
    const began = performance.now();
    writeFileSync(file, text);
    await npmSucceeds("up", ...up);
    process.stdout.write(`the sites had changed their roles after ${seconds(began)}\n`);
    await areEqual();
    await npmSucceeds("nas", "status", "--site", "dc1");
    await npmSucceeds("nas", "status", "--site", "dc2");
  };
  try {
    await whilePushing(async ({ random }) => {
      await move("cut");
      try {
        assert.equal((await random("dc1", "policy/promoted:1", 1000)).code, 0);
        writeFileSync(file, exchanged);
        const earlier = statesOf(lab);
        const refused = await npm("up", up);
        assert.equal(refused.code, 1, said(refused));
        assert.match(
          refused.stdout,
          /dc2 is to become the active site, and \d+ images of dc1's are missing in its registry, .*\nmissing: policy\/promoted:1$/m,
        );
        assert.deepEqual(statesOf(lab), earlier);
      } finally {
        writeFileSync(file, original);
        await move("heal");
      }
      await areEqual();
      await change(exchanged);
      assert.equal((await random("dc2", "policy/promoted:2", 1000)).code, 0);
      await areEqual();
      assert.match(await npmSucceeds("registry", "status"), /dc1: has all that the active site's registry had \d+ s ago/);
      await isCopied("dc2", "dc1");
    });
  } finally {
    await change(original);
  }
  await isCopied("dc1", "dc2");
});

/** What is written on one site's NAS is on the other one's with the next copy. */
async function isCopied(from: string, to: string): Promise<void> {
  const path = `/srv/nas/policy/claims/documents/of-${from}`;
  const inNas = (site: string, ...words: string[]): Promise<string> =>
    runIn(lab, `${machineName(hostNamed(`${site}-platform-nas1`))}-nas`, words, "0");
  await inNas(from, "touch", path);
  await until(
    `it is at ${to}`,
    async () => (await inNas(to, "sh", "-c", `test -e ${path} && echo yes || echo no`)) === "yes\n",
    150_000,
  );
  await inNas(from, "rm", path);
}
