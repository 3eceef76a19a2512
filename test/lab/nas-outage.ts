import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { serviceAccount } from "../../environments/model/service-account.ts";
import { runIn } from "../../scripts/lab/run-in.ts";
import { until } from "../support/until.ts";
import { whileMounting } from "./mounting.ts";
import { hostNamed, lab, machineName, npmSucceeds } from "./session.ts";

const nas = "dc1-platform-nas1";
const rowCount = 600;

test("a writer waits while its site's NAS has no power for 30 s, and no row is lost or there twice", async () => {
  const inNas = (script: string): Promise<string> => runIn(lab, `${machineName(hostNamed(nas))}-nas`, ["sh", "-c", script], "0");
  const rows = async (): Promise<[number: number, second: number][]> => {
    const lines = (await inNas("cat /srv/nas/policy/outage 2> /dev/null || true")).split("\n").filter((line) => line !== "");
    return lines.map((line) => line.split(" ").map(Number) as [number, number]);
  };
  await whileMounting(async ({ at }) => {
    const writing = at(
      hostNamed("dc1-policy-wk1"),
      `mount -t nfs -o nfsvers=4.1,hard,retry=0 "$server:/policy" /mnt || exit
cd /mnt
for number in $(seq ${rowCount}); do
  setpriv --reuid=${serviceAccount.id} --regid=${serviceAccount.id} --clear-groups sh -c "echo $number $(date +%s) >> outage" || exit
done`,
    );
    try {
      await until("the client writes", async () => (await rows()).length > 20, 60_000);
      await npmSucceeds("lab", "power-off", nas);
      await delay(30_000);
      await npmSucceeds("lab", "power-on", nas);
      const { code, output } = await writing;
      assert.equal(code, 0, output);
      const written = await rows();
      assert.deepEqual(
        written.map(([number]) => number),
        Array.from({ length: rowCount }, (_, index) => index + 1),
      );
      const pauses = written.slice(1).map(([, second], index) => second - (written[index]?.[1] ?? second));
      const longest = Math.max(...pauses);
      process.stdout.write(`the writer stood still for ${longest} s\n`);
      assert.ok(longest >= 30, "the writer did not wait");
    } finally {
      await writing;
      await inNas("rm -f /srv/nas/policy/outage");
    }
  });
});
