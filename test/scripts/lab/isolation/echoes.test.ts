import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { readEchoes, renderEchoes } from "../../../../scripts/lab/isolation/echoes.render.ts";

const source = "10.0.0.2";
const echoes = ["answering", "silent", "without-way", "forbidden", "foreign"].map((address) => ({ source, address }));

test("an echo was answered, was not, or never left the host; why, is told", (t) => {
  const root = mkdtempSync(join(tmpdir(), "tandem-echoes-"));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const program = (name: string, text: string): void => writeFileSync(join(root, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  // As iproute2 and iputils say it. `ping` without an answer ends with 1, and by a given address also where there is no way out.
  program(
    "ip",
    'case $3 in without-way) echo "RTNETLINK answers: Network is unreachable" >&2; exit 2 ;; *) echo "$3 dev eth0" ;; esac',
  );
  program(
    "ping",
    `echo "PING"
for address in "$@"; do :; done
case $address in
  answering) exit 0 ;;
  forbidden) echo "ping: sendmsg: Operation not permitted" >&2; exit 1 ;;
  foreign) echo "ping: bind: Cannot assign requested address" >&2; exit 2 ;;
  *) exit 1 ;;
esac`,
  );
  const { stdout, status } = spawnSync("sh", ["-c", renderEchoes(echoes, 1_500)], {
    env: { PATH: `${root}:${process.env["PATH"]}` },
    encoding: "utf8",
  });
  assert.equal(status, 0);
  assert.deepEqual(readEchoes(stdout, echoes), [
    "answered",
    "silence",
    { failed: "RTNETLINK answers: Network is unreachable" },
    { failed: "ping: sendmsg: Operation not permitted" },
    { failed: "ping: bind: Cannot assign requested address" },
  ]);
});

test("an echo of which its host says nothing was not tried; neither is one that nothing there could send", () => {
  const [one, other] = echoes as [(typeof echoes)[number], (typeof echoes)[number]];
  assert.deepEqual(readEchoes(`${source} answering 0\n${source} silent 127\n`, [one, other, { source, address: "x" }]), [
    "answered",
    { failed: "code 127" },
    { failed: "the sender ended early" },
  ]);
});
