import assert from "node:assert/strict";
import { test } from "node:test";
import { shellQuote } from "../../components/host/shell.ts";
import { keptFile, renderApply, rulesFile } from "../../components/network/packet-filter.render.ts";
import type { Host } from "../../environments/model/topology.ts";
import { greets } from "../../scripts/lab/ssh.ts";
import { until } from "../support/until.ts";
import { hostNamed, lab, npmSucceeds, on } from "./session.ts";

const first = (): Host => hostNamed("dc1-policy-gw1");
const asRoot = (command: string): Promise<string> => on(first(), `sudo -n sh -c ${shellQuote(command)}`);

test("rules that cut a gateway off go by themselves, wherever they were interrupted", async () => {
  const before = await asRoot(`cat ${rulesFile}`);
  const locked = before.replace(/^.*comment "operation"$/m, "").replace("ct state established,related accept", "");
  assert.notEqual(locked, before);
  const answers = (): Promise<boolean> => greets(first(), lab.sshPort, 2);
  const write = `cat > ${rulesFile} << 'END OF RULES'\n${locked}\nEND OF RULES\n`;
  const live = `nft --file ${rulesFile}`;
  const takeUp = `${write}${renderApply(8)}`;
  for (const script of [takeUp, takeUp.replace(live, () => `${live}; kill -9 $$`)]) {
    await asRoot(`nohup sh -c ${shellQuote(`sleep 1; ${script}`)} > /dev/null 2>&1 &`);
    await until("the gateway is cut off", async () => !(await answers()), 20_000);
    await until("the gateway is reached again", answers, 30_000);
    assert.equal(await asRoot(`cat ${rulesFile}`), before);
  }
  const killedBefore = `${write}${renderApply(3)}`.replace(live, () => `kill -9 $$; ${live}`);
  await asRoot(`sh -c ${shellQuote(killedBefore)} || true`);
  assert.equal(await asRoot(`cat ${rulesFile}`), locked.trim());
  await until("the last good ones are declared", async () => (await asRoot(`cat ${rulesFile}`)) === before, 20_000);
  assert.match(await npmSucceeds("drift", "--stack", "lab-dc1-policy"), /: no differences\n/);
  // Written and never taken up; taken up, and what brought the last good ones back never came to its end: the next repair converges.
  for (const step of [write, `${write}echo > /var/lib/tandem/packet-filter/listing`]) {
    await asRoot(step);
    await npmSucceeds("drift", "--stack", "lab-dc1-policy", "--repair");
    assert.equal(await asRoot(`cat ${keptFile}`), before);
    assert.match(await npmSucceeds("drift", "--stack", "lab-dc1-policy"), /: no differences\n/);
  }
});
