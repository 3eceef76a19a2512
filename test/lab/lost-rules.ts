import assert from "node:assert/strict";
import { test } from "node:test";
import { shellQuote } from "../../components/host/shell.ts";
import { keptFile, renderApply, rulesFile } from "../../components/network/packet-filter.render.ts";
import type { Host } from "../../environments/model/topology.ts";
import { greets } from "../../scripts/lab/ssh.ts";
import { until } from "../support/until.ts";
import { hostNamed, lab, npmSucceeds, on } from "./session.ts";

const host = (): Host => hostNamed("dc1-policy-wk1");
const asRoot = (command: string): Promise<string> => on(host(), `sudo -n sh -c ${shellQuote(command)}`);

test("a run that ended before it reached the host anew: the last good rules are back, the next run says so, and a repair takes the new ones up", async () => {
  const declared = await asRoot(`cat ${rulesFile}`);
  // As the host is after the bound: rules of another text, kept and in the kernel.
  const keep = `cp ${rulesFile} ${keptFile}; sha256sum ${keptFile} > /var/lib/tandem/packet-filter/kept`;
  await asRoot(`echo '# the rules before' >> ${rulesFile}; ${keep}`);
  const run = await npmSucceeds("up", "--platform", "lab", "--stack", "lab-dc1-policy");
  assert.match(run, /hosts are not as declared; npm run drift -- --platform lab --repair/);
  await npmSucceeds("drift", "--stack", "lab-dc1-policy", "--repair");
  assert.equal(await asRoot(`cat ${rulesFile}`), declared);
  assert.equal(await asRoot(`cat ${keptFile}`), declared);
});

test("a host that loses its power before anybody reached it under new rules starts with the last good ones", async () => {
  const before = await asRoot(`cat ${rulesFile}`);
  const locked = before.replace(/^.*comment "operation"$/m, "").replace("ct state established,related accept", "");
  const script = `cat > ${rulesFile} << 'END OF RULES'\n${locked}\nEND OF RULES\n${renderApply(600)}`;
  await asRoot(`nohup sh -c ${shellQuote(`sleep 1; ${script}`)} > /dev/null 2>&1 &`);
  await until("the host is cut off", async () => !(await greets(host(), lab.sshPort, 2)), 20_000);
  await npmSucceeds("lab", "power-off", host().name);
  await npmSucceeds("lab", "power-on", host().name);
  await npmSucceeds("drift", "--stack", "lab-dc1-policy", "--repair");
  assert.equal(await asRoot(`cat ${keptFile}`), before);
  assert.match(await npmSucceeds("drift", "--stack", "lab-dc1-policy"), /: no differences\n/);
});
