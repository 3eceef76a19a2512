import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import type { Host, Plane } from "../../../environments/model/topology.ts";
import { until } from "../../support/until.ts";
import { reached } from "./client.ts";
import * as it from "./pair.ts";
import { databasePort, vipNamed, workerOf } from "./serving.ts";
import { lb1, lb2, logged, pair, timings } from "./session.ts";

// What moves a VIP, and what does not. Every test leaves both hosts whole.

const holder = async (vip = "database"): Promise<Host> => {
  const names = await it.holders(pair, vipNamed(vip).address);
  assert.equal(names.length, 1, `held by ${names}`);
  return names[0] === lb1.shortName ? lb1 : lb2;
};
const otherOf = (host: Host): Host => (host === lb1 ? lb2 : lb1);

const untilHeldBy = (host: Host, vip = "database"): Promise<void> =>
  until(
    `${host.name} alone holds ${vip}`,
    async () => (await it.holders(pair, vipNamed(vip).address)).join() === host.shortName,
    20_000,
  );
const untilOne = (): Promise<void> =>
  until(
    "every VIP is held by one host",
    async () => {
      const counts = await Promise.all(["database", "kubernetes-api"].map((vip) => it.holders(pair, vipNamed(vip).address)));
      return counts.every(({ length }) => length === 1);
    },
    20_000,
  );
const untilServed = (withinMs = 20_000): Promise<void> =>
  until("a client is served", async () => (await reached(vipNamed("database").address, databasePort)) === "db2", withinMs);
/** Both hosts could hold the VIP: the one that does not is healthy too. */
const untilWhole = (): Promise<void> =>
  until(
    "both hosts are well",
    async () => {
      const said = await Promise.all(
        pair.hosts.map((host) => it.onHost(pair, host, "cat /run/balancer/haproxy", "keepalived").catch(() => "")),
      );
      return said.every((word) => word === "0");
    },
    30_000,
  );

/** Breaks the holder, sees the VIP move, mends it, and sees that it stays. */
async function moves(
  how: (host: Host) => Promise<unknown>,
  mend: (host: Host) => Promise<unknown> = async () => {},
): Promise<void> {
  await untilWhole();
  const before = await holder();
  await how(before);
  await untilHeldBy(otherOf(before));
  await untilServed();
  await mend(before);
  await untilWhole();
  await stays(otherOf(before));
}

/** For longer than a host with a claim to the VIP would wait before it takes it. */
async function stays(host: Host): Promise<void> {
  const end = Date.now() + 6 * timings.vrrpAdvertSeconds * 1000;
  do assert.equal((await holder()).name, host.name, "it moved without need");
  while (Date.now() < end);
}

const signal = (name: string, pattern: string) => (host: Host) => it.onHost(pair, host, `pkill -${name} -x ${pattern}`);

/** The end of a machine's cable that this machine holds. */
async function setCable(host: Host, plane: Plane, state: "up" | "down"): Promise<void> {
  const device = { business: "eth0", management: "eth1", storage: "eth2" }[plane];
  const index = await it.onHost(pair, host, `cat /sys/class/net/${device}/iflink`);
  const links = JSON.parse(execFileSync("ip", ["-json", "link"], { encoding: "utf8" })) as { ifindex: number; ifname: string }[];
  const link = links.find(({ ifindex }) => ifindex === Number(index));
  assert.ok(link);
  execFileSync("ip", ["link", "set", link.ifname, state]);
}

test("HAProxy killed: the VIP moves or HAProxy is back before anyone asks; it stays where it is then", () =>
  logged(async () => {
    await untilWhole();
    const before = await workerOf(await holder());
    const host = await holder();
    await signal("KILL", "haproxy")(host);
    await untilServed();
    await untilWhole();
    assert.notEqual(await workerOf(host), before);
    await stays(await holder());
    await untilServed();
  }));

test("HAProxy hung moves the VIP, and it stays when HAProxy goes on", () =>
  logged(() => moves(signal("STOP", "haproxy"), signal("CONT", "haproxy"))));

test("HAProxy gone for good moves the VIP", () =>
  logged(() =>
    moves(
      (host) => it.partOf(pair, host, "haproxy").stop({ t: 1 }),
      (host) => it.partOf(pair, host, "haproxy").start(),
    ),
  ));

test("keepalived stopped cleanly hands the VIP over", () =>
  logged(() =>
    moves(
      (host) => it.partOf(pair, host, "keepalived").stop({ t: 5 }),
      (host) => it.partOf(pair, host, "keepalived").start(),
    ),
  ));

test("every process of keepalived killed at once: the VIP does not stay on two hosts", () =>
  logged(() => moves(signal("KILL", "keepalived"))));

test("keepalived hung gives the VIP to the other host, and one of them holds it when it goes on", () =>
  logged(async () => {
    await untilWhole();
    const before = await holder();
    await signal("STOP", "keepalived")(before);
    const taken = async () => (await it.holders(pair, vipNamed("database").address)).includes(otherOf(before).shortName);
    await until("the other host holds the VIP", taken);
    await untilServed();
    await signal("CONT", "keepalived")(before);
    await untilOne();
    await untilServed();
  }));

test("balancers that are cut off from each other alone both hold the VIP and lead to the one writer; healed, clients find the one that holds it", () =>
  logged(async () => {
    const chains = ["input", "output"].map(
      (hook) => `chain ${hook} { type filter hook ${hook} priority 0; ip protocol 112 drop; };`,
    );
    // Healed at one stroke, so which of them hears the other first is chance: each time again.
    for (let time = 0; time < 4; time++) {
      await untilWhole();
      await it.onHost(pair, lb2, `nft 'table inet cut { ${chains.join(" ")} }'`);
      await until("both hold the VIP", async () => (await it.holders(pair, vipNamed("database").address)).length === 2);
      await untilServed();
      await it.onHost(pair, lb2, "nft delete table inet cut");
      await untilOne();
      // Less than a neighbour takes to find out by itself that nobody is there any more.
      await untilServed(4_000);
    }
  }));

test("the VIP's cable cut moves it, and no other VIP", () =>
  logged(async () => {
    const api = await holder("kubernetes-api");
    await moves(
      (host) => setCable(host, "storage", "down"),
      (host) => setCable(host, "storage", "up"),
    );
    assert.equal(await holder("kubernetes-api"), api);
  }));

test("a host that loses power loses its VIP, and takes nothing back when it comes on again", () =>
  logged(() =>
    moves(
      (host) => it.partOf(pair, host, "machine").kill(),
      async (host) => {
        await it.partOf(pair, host, "machine").start();
        for (const part of ["haproxy", "keepalived"] as const) await it.partOf(pair, host, part).start();
      },
    ),
  ));
