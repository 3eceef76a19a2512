import assert from "node:assert/strict";
import { test } from "node:test";
import { shellQuote } from "../../components/host/shell.ts";
import { droppedLogDirectory } from "../../components/network/dropped-log.render.ts";
import { labNames } from "../../environments/model/lab.ts";
import { type Host, planes } from "../../environments/model/topology.ts";
import { runIn } from "../../scripts/lab/run-in.ts";
import { until } from "../support/until.ts";
import { hostNamed, lab, npm, npmSucceeds, on, said, zoneOf } from "./session.ts";

const gateways = (): Host[] => ["dc1-policy-gw1", "dc1-policy-gw2"].map(hostNamed);
const asRoot = (host: Host, command: string): Promise<string> => on(host, `sudo -n sh -c ${shellQuote(command)}`);
const port = 8443;

/** The addresses of the zone that a host holds together with the other one. */
async function held(host: Host): Promise<string[]> {
  const shown = await on(host, "ip -4 -oneline address show");
  const zone = zoneOf(host);
  return [...planes.map((plane) => zone.planes[plane].gateway), zone.core.address].filter((one) => shown.includes(` ${one}/`));
}

/** Whether a worker of another zone gets through both pairs of gateways. */
async function crosses(from: string, to: number): Promise<boolean> {
  const target = hostNamed("dc1-policy-wk1");
  const words = `nc -z -w 1 ${target.addresses.business} ${to} && echo open || true`;
  return (await on(hostNamed(from), words)) === "open";
}

/** What a zone's host is told of a name, by whom it asks for every name. */
const told = async (name: string): Promise<string> =>
  (await on(hostNamed("dc1-policy-wk1"), `getent ahostsv4 ${name} || true`)).split(" ")[0] ?? "";

async function whileListening(work: () => Promise<void>): Promise<void> {
  const target = hostNamed("dc1-policy-wk1");
  for (const each of [port, port + 1])
    await on(
      target,
      `nohup timeout 300 nc -l -k ${target.addresses.business} ${each} < /dev/null > /dev/null 2>&1 & echo $! >> /tmp/listeners`,
    );
  try {
    await work();
  } finally {
    await on(target, "kill $(cat /tmp/listeners); rm /tmp/listeners");
  }
}

test("one gateway of a pair holds all of the zone's addresses, and the other one none", async () => {
  const counts = await Promise.all(gateways().map(async (host) => (await held(host)).length));
  assert.deepEqual(counts.sort(), [0, 4]);
});

test("a permitted connection passes both zones' gateways, its neighbour's port and another zone's don't, also while a gateway is off", async () => {
  await whileListening(async () => {
    assert.equal(await crosses("dc1-internet-wk1", port), true);
    assert.equal(await crosses("dc1-internet-wk1", port + 1), false);
    assert.equal(await crosses("dc1-office-wk1", port), false);
    const pair = gateways();
    const holder = (await held(pair[0] as Host)).length > 0 ? pair[0] : pair[1];
    assert.ok(holder);
    await npmSucceeds("lab", "power-off", holder.name);
    try {
      await until("the other gateway lets it pass", () => crosses("dc1-internet-wk1", port), 20_000);
      assert.equal(await crosses("dc1-internet-wk1", port + 1), false);
      const { fqdn, addresses } = hostNamed("dc1-policy-wk1");
      await until("the other gateway tells names", async () => (await told(fqdn)) === addresses.management, 20_000);
    } finally {
      await npmSucceeds("lab", "power-on", holder.name);
    }
  });
});

test("a packet that no row permits is in the log of the gateway that dropped it, with who sent it and where to", async () => {
  const [sender, target] = ["dc1-internet-wk1", "dc1-policy-wk1"].map(hostNamed) as [Host, Host];
  const line = new RegExp(`SRC=${sender.addresses.business} DST=${target.addresses.business} .* DPT=${port + 2} `, "g");
  const logged = async (): Promise<number> => {
    const logs = await Promise.all(
      [1, 2].map((number) =>
        runIn(lab, labNames.container(lab.id, `dc1-internet-gw${number}-ulogd`), ["cat", `${droppedLogDirectory}/dropped.log`]),
      ),
    );
    return [...logs.join("").matchAll(line)].length;
  };
  const before = await logged();
  await until("it is in the log", async () => {
    // Others' packets may have taken this second's share of the log.
    await crosses(sender.name, port + 2);
    return (await logged()) > before;
  });
});

test("a host is told its own zone's names by its gateways, and of other zones only what it may reach", async () => {
  const own = hostNamed("dc1-policy-gw1");
  const api = zoneOf(hostNamed("dc1-platform-cp1")).vips.find(({ name }) => name === "kubernetes-api");
  assert.equal(await told(own.fqdn), own.addresses.management);
  assert.equal(await told("gw1"), own.addresses.management);
  assert.ok(api);
  assert.equal(await told(api.fqdn), api.address);
  for (const stranger of ["dc1-platform-db1", "dc1-internet-wk1", "dc2-policy-wk1"].map(hostNamed))
    assert.equal(await told(stranger.fqdn), "", stranger.name);
});

test("a gateway whose rules are not the other one's is found and put right", async () => {
  const [, second] = gateways() as [Host, Host];
  await asRoot(second, "nft insert rule inet tandem forward accept");
  const found = await npm("drift", ["--stack", "lab-dc1-policy"]);
  assert.equal(found.code, 1, said(found));
  assert.match(found.stdout, /dc1-policy-gw2.*\/etc\/tandem-packet-filter.nft/);
  await npmSucceeds("drift", "--stack", "lab-dc1-policy", "--repair");
  const [one, other] = await Promise.all(gateways().map((host) => asRoot(host, "nft --stateless list table inet tandem")));
  assert.equal(one, other);
});

test("a route that a hand took away is found and put right, and one of a hand's that is none of ours stays", async () => {
  const [first] = gateways() as [Host];
  const network = zoneOf(hostNamed("dc1-internet-wk1")).planes.business.cidr;
  await asRoot(
    first,
    `ip route del ${network}; ip route add 192.0.2.0/24 via ${zoneOf(first).core.address.replace(/\d+$/, "1")}`,
  );
  const found = await npm("drift", ["--stack", "lab-dc1-policy"]);
  assert.match(found.stdout, /dc1-policy-gw1.*tandem-routes/, said(found));
  await npmSucceeds("drift", "--stack", "lab-dc1-policy", "--repair");
  const routes = await on(first, "ip route");
  assert.match(routes, new RegExp(`^${network} via`, "m"));
  assert.match(routes, /^192\.0\.2\.0\/24 via/m);
  await asRoot(first, "ip route del 192.0.2.0/24");
});
