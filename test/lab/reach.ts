import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { test } from "node:test";
import { flowTable } from "../../environments/model/flows/table.ts";
import { labNames } from "../../environments/model/lab.ts";
import { planes } from "../../environments/model/topology.ts";
import { labTopology } from "../../scripts/lab/machines.ts";
import { greets } from "../../scripts/lab/ssh.ts";
import { until } from "../support/until.ts";
import { hostNamed, hosts, lab, npm, npmSucceeds, on, said, sites, zoneOf } from "./session.ts";

// Before any test leaves a listener of its own behind.
test("what listens on a host, listens on an address and a port that a row leads to, or on loopback", async () => {
  const led = new Set(
    flowTable(labTopology(lab)).flatMap(({ protocol, to, ports }) =>
      to.cidrs.flatMap((cidr) => ports.map((port) => `${protocol} ${cidr.replace("/32", "")}:${port}`)),
    ),
  );
  // A socket of conntrackd's that only sends has no address, and a port by chance (ip_local_port_range).
  const onlySends = (socket: string): boolean => {
    const sending = Number(/^udp 0\.0\.0\.0:(\d+)$/.exec(socket)?.[1]);
    return sending >= 32_768 && sending <= 60_999;
  };
  for (const host of hosts) {
    const shown = await on(host, "ss --no-header --listening --numeric --tcp --udp");
    const sockets = shown
      .split("\n")
      .map((line) => line.split(/\s+/))
      // Ganesha takes no address of IPv4 where the kernel has IPv6: what comes to other planes is the packet filter's (docs/storage.md).
      .map(
        ([protocol, , , , local]) => `${protocol} ${host.role === "nas" ? local?.replace("*", host.addresses.storage) : local}`,
      );
    assert.ok(sockets.includes(`tcp ${host.addresses.management}:22`), `${host.name}: ${sockets}`);
    const elsewhere = sockets.filter((each) => !led.has(each) && !/^\w+ (127\.|\[::1\])/.test(each));
    assert.deepEqual(
      elsewhere.filter((each) => host.role !== "gateway" || !onlySends(each)),
      [],
      host.name,
    );
  }
});

test("a host reaches what a row leads it to and nothing else: no neighbour, no other zone, no way out, not the machine under the lab", async () => {
  const host = hostNamed("dc1-internet-wk1");
  const server = createServer((socket) => socket.end()).listen(0, "0.0.0.0");
  await once(server, "listening");
  try {
    const { port } = server.address() as AddressInfo;
    const neighbour = hostNamed("dc1-internet-gw1");
    const permitted = hostNamed("dc1-policy-wk1").addresses.business;
    const others = ["dc1-internet-wk1", "dc1-policy-wk1", "dc2-internet-wk1", "dc1-platform-db1"].map(hostNamed);
    const machine = others.flatMap((other) => zoneOf(other).planes.management.operatorAddress ?? []);
    const uplinks = Object.entries(networkInterfaces())
      .filter(([name]) => !name.startsWith("td"))
      .flatMap(([, addresses = []]) => addresses)
      .flatMap(({ family, internal, address }) => (family === "IPv4" && !internal ? [address] : []));
    const foreign = others.slice(1).flatMap(({ addresses }) => Object.values(addresses));
    // The zone's own gateways answer nobody who has no row, and let nothing of him pass.
    const gateways = [...planes.map((plane) => zoneOf(host).planes[plane].gateway), "198.51.100.1"];
    await on(hostNamed("dc1-policy-wk1"), "setsid timeout 60 nc -lk 8443 < /dev/null > /dev/null 2>&1 &");
    const passes = async (): Promise<boolean> =>
      (await on(host, `nc -z -w 2 ${permitted} 8443 && echo open || true`)).trim() === "open";
    await until("what a row permits passes", passes, 30_000);
    const closed = [...new Set([...machine, ...uplinks, ...foreign, ...gateways, ...Object.values(neighbour.addresses)])];
    assert.ok(closed.length >= 15, closed.join(" "));
    const script = closed
      .flatMap((to) => [`ping -c 1 -W 1 ${to}`, ...[port, lab.sshPort].map((one) => `nc -z -w 1 ${to} ${one}`)])
      .map((attempt) => `(${attempt} >/dev/null 2>&1 && echo "${attempt}") &`);
    assert.equal(await on(host, `${script.join("\n")}\nwait`), "");
    assert.match(await on(host, "ip route show default"), new RegExp(`^default via ${zoneOf(host).planes.business.gateway} `));
  } finally {
    server.close();
  }
});

test("only gateways and workers forward, and the machine has an address on management networks alone", async () => {
  for (const host of hosts) {
    const forwards = host.role === "gateway" || host.role === "worker" ? "1" : "0";
    assert.equal(await on(host, "cat /proc/sys/net/ipv4/ip_forward"), forwards, host.name);
  }
  const addressed = networkInterfaces();
  for (const site of sites)
    for (const zone of site.zones)
      for (const plane of planes) {
        const bridge = labNames.bridge(lab.slot, site.number, zone.planes[plane].vlan);
        assert.ok(existsSync(`/sys/class/net/${bridge}`), bridge);
        const addresses = (addressed[bridge] ?? []).filter(({ family }) => family === "IPv4").map(({ address }) => address);
        assert.deepEqual(addresses, plane === "management" ? [zone.planes[plane].operatorAddress] : [], bridge);
      }
});

test("power and cables: a host is reachable, then not, then again", async () => {
  const host = hostNamed("dc2-partner-gw2");
  const reachable = (): Promise<boolean> => greets(host, lab.sshPort, 1);
  const twice = [
    ["power-off", "power-on", []],
    ["cut", "heal", ["management"]],
  ] as const;
  for (const [off, on, plane] of twice) {
    assert.equal(await reachable(), true);
    try {
      await npmSucceeds("lab", off, host.name, ...plane);
      assert.equal(await reachable(), false, off);
      // Two cores may keep another host from answering for a moment.
      await until(
        `${host.name} alone is not well`,
        async () => {
          const status = await npm("lab", ["status"]);
          assert.equal(status.code, 1, said(status));
          return /49 of 50 hosts are well/.test(status.stdout);
        },
        60_000,
      );
    } finally {
      await npmSucceeds("lab", on, host.name, ...plane);
    }
    await until(`${host.name} answers after ${on}`, reachable, 20_000);
  }
});
