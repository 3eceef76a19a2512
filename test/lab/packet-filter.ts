import assert from "node:assert/strict";
import { test } from "node:test";
import { shellQuote } from "../../components/host/shell.ts";
import { renderApply, rulesFile } from "../../components/network/packet-filter.render.ts";
import type { Host } from "../../environments/model/topology.ts";
import { greets } from "../../scripts/lab/ssh.ts";
import { until } from "../support/until.ts";
import { hostNamed, lab, npm, npmSucceeds, on, said } from "./session.ts";

const answers = (host: Host): Promise<boolean> => greets(host, lab.sshPort, 2);

/** Runs a command on a host as its root. */
const asRoot = (host: Host, command: string): Promise<string> => on(host, `sudo -n sh -c ${shellQuote(command)}`);

test("a host takes in what a row permits, on that row's plane and address, and nothing else", async () => {
  const [db, lb, wk] = ["dc1-platform-db1", "dc1-platform-lb1", "dc1-platform-wk1"].map(hostNamed) as [Host, Host, Host];
  const { addresses } = db;
  await on(lb, `nc -z -w 2 ${addresses.storage} 3306`);
  await on(wk, `nc -z -w 2 ${addresses.storage} 3380`);
  const closed = [
    ...[`${addresses.storage} 3306`, `${addresses.management} 22`, `${addresses.management} 3306`, `${addresses.business} 22`],
    ...[`${hostNamed("dc1-platform-cp1").addresses.management} 10257`, `${lb.addresses.management} 8404`],
  ];
  const script = closed.map((to) => `(nc -z -w 1 ${to} && echo "${to}") &`).join("\n");
  assert.equal(await on(wk, `${script}\nwait`), "");
  // A neighbour's management leg is no way to its address on another plane.
  await asRoot(wk, `ip route replace ${addresses.storage}/32 via ${addresses.management}`);
  try {
    assert.equal(await on(wk, `nc -z -w 1 ${addresses.storage} 3380 && echo open || true`), "");
  } finally {
    await asRoot(wk, `ip route del ${addresses.storage}/32 via ${addresses.management}`);
  }
});

test("rules that a hand changed in the kernel are found and put right", async () => {
  const host = hostNamed("dc1-policy-wk1");
  await asRoot(host, "nft insert rule inet tandem input accept");
  const found = await npm("drift", ["--stack", "lab-dc1-policy"]);
  assert.equal(found.code, 1, said(found));
  assert.match(found.stdout, /dc1-policy-wk1.*\/etc\/tandem-packet-filter.nft/);
  await npmSucceeds("drift", "--stack", "lab-dc1-policy", "--repair");
  assert.match(await npmSucceeds("drift", "--stack", "lab-dc1-policy"), /: no differences\n/);
});

test("rules under which nobody reaches the host go by themselves, and the last good ones are back", async () => {
  const host = hostNamed("dc1-policy-wk1");
  const before = await asRoot(host, `cat ${rulesFile}`);
  const locked = before.replace(/^.*comment "operation"$/m, "").replace("ct state established,related accept", "");
  assert.notEqual(locked, before);
  const script = `cat > ${rulesFile} << 'END OF RULES'\n${locked}\nEND OF RULES\n${renderApply(8)}`;
  await asRoot(host, `nohup sh -c ${shellQuote(`sleep 1; ${script}`)} > /dev/null 2>&1 &`);
  await until("the host is cut off", async () => !(await answers(host)), 20_000);
  await until("the host is reached again", () => answers(host), 30_000);
  assert.equal(await asRoot(host, `cat ${rulesFile}`), before.trim());
  assert.match(await npmSucceeds("drift", "--stack", "lab-dc1-policy"), /: no differences\n/);
});
