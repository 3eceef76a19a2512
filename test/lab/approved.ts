import assert from "node:assert/strict";
import { test } from "node:test";
import { statesOf } from "../support/lab.ts";
import { commitAll } from "../support/repository.ts";
import { editEnvironment } from "./environment.ts";
import { reviewed } from "./reviewing.ts";
import { hostNamed, lab, npm, npmSucceeds, on, own, said } from "./session.ts";

const of = (...stacks: readonly string[]): string[] => ["--platform", "lab", ...stacks.flatMap((name) => ["--stack", name])];
const timeServer = (address: string): (() => void) => editEnvironment(/^(time: .*servers: )\[\]/m, `$1[${address}]`);
const stack = "lab-dc2-policy";

test("an up does what was approved, and refuses another file, other steps and another stack before it changes anything", async () => {
  commitAll(own.checkout);
  let restore = timeServer("192.0.2.20");
  try {
    const { page, approved } = await reviewed("state", [stack]);
    assert.deepEqual([page.sites, page.zones, page.restarts], [["dc2"], ["dc2-policy"], []]);
    assert.deepEqual(
      page.rollout.map(({ title, stacks }) => [title, stacks.map(({ name }) => name)]),
      [["standby site", [stack]]],
    );
    const earlier = statesOf(lab);

    restore();
    restore = timeServer("192.0.2.21");
    const edited = await npm("up", [...of(stack), ...approved]);
    assert.equal(edited.code, 1, said(edited));
    assert.match(
      edited.stderr,
      /not what was approved; nothing was changed:\n {2}environments\/lab\.yaml says something else than/,
    );

    restore();
    restore = timeServer("192.0.2.20");
    const other = await npm("up", [...of("lab-dc2-office"), ...approved]);
    assert.equal(other.code, 1, said(other));
    assert.match(
      other.stdout,
      /stopped: not what was approved; nothing was changed:\nlab-dc2-office:\n {2}\+ update command:remote:Command time-dc2-office-gw1/,
    );
    const unknown = await npm("up", [...of(stack), "--approved", "0".repeat(32)]);
    assert.equal(unknown.code, 1, said(unknown));
    assert.deepEqual(statesOf(lab), earlier);

    await npmSucceeds("up", ...of(stack), ...approved);
    const file = "/etc/chrony/conf.d/60-tandem.conf";
    assert.match(await on(hostNamed("dc2-policy-wk1"), `cat ${file}`), /^server 192\.0\.2\.20/m);
    assert.match(await npmSucceeds("up", ...of(stack), ...approved), /nothing to change/);
  } finally {
    restore();
  }
  await npmSucceeds("up", ...of(stack));
});
