import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { renderConnectionStates } from "../../../components/network/connection-states.render.ts";
import { gatewayDevices, hostDevices } from "../../../components/network/devices.render.ts";
import { renderGatewayKeepalived } from "../../../components/network/gateway-keepalived.render.ts";
import { gatewayRouting, hostRouting, type Routing, renderRoutes } from "../../../components/network/routes.render.ts";
import { addressNumber, parseNetwork } from "../../../environments/model/addresses.ts";
import { gatewaysBetween, type Place, placeOf } from "../../../environments/model/flows/reach.ts";
import { flowTable, rowsByEnd, rowsByZone } from "../../../environments/model/flows/table.ts";
import { loadEnvironment, platforms } from "../../../environments/model/load.ts";
import { type Host, type Plane, planes, type Site, type Topology, type Zone } from "../../../environments/model/topology.ts";
import { topologyOf } from "../../../environments/model/topology-of.ts";
import { matchesGolden } from "../../support/golden.ts";

const topologies = platforms().map((platform) => topologyOf(loadEnvironment(platform, platform === "lab" ? { slot: 0 } : {})));

interface Router {
  readonly site: Site;
  readonly zone: Zone;
  readonly host: Host;
  readonly routing: Routing;
}

function routersOf(topology: Topology): Map<string, Router> {
  const table = flowTable(topology);
  const [ends, byZone] = [rowsByEnd(table), rowsByZone(table)];
  const all = topology.sites.flatMap((site) => site.zones.flatMap((zone) => zone.hosts.map((host) => ({ site, zone, host }))));
  return new Map(
    all.map(({ site, zone, host }) => [
      host.name,
      {
        ...{ site, zone, host },
        routing:
          host.role === "gateway"
            ? gatewayRouting(
                topology,
                site,
                zone,
                host,
                gatewayDevices(topology, zone),
                byZone.get(`${site.name}-${zone.name}`) ?? [],
              )
            : hostRouting(topology, zone, host, hostDevices(topology, zone), ends.get(host.name) ?? []),
      },
    ]),
  );
}

for (const topology of topologies)
  test(`${topology.platform}: routes, VRRP and conntrackd settings of gateways, and the routes of a host, are the ones of their golden files`, () => {
    const routers = routersOf(topology);
    const golden = (name: string): string => join(import.meta.dirname, "golden", `${topology.platform}-${name}`);
    for (const name of ["dc1-platform-gw1", "dc1-policy-gw2", "dc1-platform-db1", "dc1-policy-wk1"]) {
      const router = routers.get(name);
      assert.ok(router);
      matchesGolden(renderRoutes(router.routing), golden(`${name}-routes.sh`));
    }
    for (const name of ["dc1-platform-gw1", "dc1-policy-gw2"]) {
      const { zone, host } = routers.get(name) as Router;
      const text = renderGatewayKeepalived(zone, host, gatewayDevices(topology, zone), topology.timings);
      matchesGolden(text, golden(`${name}-keepalived.conf`));
      const states = renderConnectionStates(zone, host, gatewayDevices(topology, zone));
      matchesGolden(states, golden(`${name}-conntrackd.conf`));
    }
  });

const contains = (cidr: string, address: string): boolean => {
  const network = cidr === "default" ? parseNetwork("0.0.0.0/0") : parseNetwork(cidr.includes("/") ? cidr : `${cidr}/32`);
  const number = addressNumber(address) ?? Number.NaN;
  return network !== undefined && number >= network.first && number <= network.last;
};

/** The next address and the device, as the kernel chooses them: rules by the sender first, then the longest network. */
function nextHop(routing: Routing, source: string | undefined, target: string): { via?: string; device: string } | undefined {
  const rules = routing.flatMap((line) => {
    const [, from = "", table = ""] = /^\d+: from (\S+) lookup (\d+)$/.exec(line) ?? [];
    return from ? [{ from, table }] : [];
  });
  const table = rules.find(({ from }) => source !== undefined && contains(from, source))?.table;
  const routes = routing
    .filter((line) => !/^\d+: /.test(line) && (/ table (\d+)/.exec(line)?.[1] ?? undefined) === table)
    .filter((line) => contains(line.split(" ")[0] ?? "", target));
  const length = (line: string): number => (line.startsWith("default") ? 0 : Number(/^\S+\/(\d+)/.exec(line)?.[1] ?? 32));
  const [best] = routes.sort((a, b) => length(b) - length(a));
  const [, via] = / via (\S+)/.exec(best ?? "") ?? [];
  const [, device] = / dev (\S+)/.exec(best ?? "") ?? [];
  return device === undefined ? undefined : { ...(via !== undefined && { via }), device };
}

/** Names of zones whose gateways a packet passes, by routes alone; "upstream" where it leaves the platform. */
function way(
  topology: Topology,
  routers: ReadonlyMap<string, Router>,
  from: string,
  target: string,
  plane: Plane,
  source?: string,
): string[] {
  const start = routers.get(from) as Router;
  const passed: string[] = [];
  let { zone, site } = start;
  if (contains(zone.planes[plane].cidr, target)) return passed;
  if (start.host.role !== "gateway") {
    const first = nextHop(start.routing, source, target);
    assert.deepEqual(
      first,
      { via: zone.planes[plane].gateway, device: hostDevices(topology, zone)[plane] },
      `${from} to ${target}`,
    );
  }
  for (let hops = 0; hops < 5; hops++) {
    passed.push(`${zone.site}-${zone.name}`);
    if (contains(zone.planes[plane].cidr, target)) return passed;
    const gateway = zone.hosts.find(({ role }) => role === "gateway") as Host;
    const hop = nextHop((routers.get(gateway.name) as Router).routing, undefined, target);
    if (hop?.via === site.core.upstream) return [...passed, "upstream"];
    const zones = topology.sites.flatMap((one) => one.zones.map((each) => ({ site: one, zone: each })));
    const next = zones.find(
      ({ zone: each }) => each.link?.address === hop?.via || (each.core.address === hop?.via && each.site === zone.site),
    );
    assert.ok(next, `${zone.site}-${zone.name} to ${target}: ${JSON.stringify(hop)}`);
    ({ site, zone } = next);
  }
  throw new Error(`${from} to ${target}: ${passed.join(", ")}`);
}

for (const topology of topologies)
  test(`${topology.platform}: every permitted connection and its answers are routed through the gateways that the model names`, () => {
    const routers = routersOf(topology);
    let compared = 0;
    for (const row of flowTable(topology)) {
      if (row.protocol === "vrrp") continue;
      for (const [near, far] of [
        [row.from, row.to],
        [row.to, row.from],
      ] as const)
        for (const name of near.hosts)
          for (const cidr of far.cidrs) {
            const [address = ""] = cidr.split("/");
            const target = placeOf(topology, address, row.plane) as Place;
            const host = (routers.get(name) as Router).host;
            const expected = gatewaysBetween(host, target);
            const isOutside = far.site === undefined;
            // One that asks has not chosen its address yet; one that answers has the one that it was asked by.
            const source = near === row.to ? host.addresses[row.plane] : undefined;
            // Everybody outside is reached by the business plane.
            if (cidr === "0.0.0.0/0" && row.plane !== "business" && source === undefined) continue;
            const outside = isOutside && address === "0.0.0.0" ? "192.0.2.1" : address;
            assert.deepEqual(
              way(topology, routers, name, outside, row.plane, source),
              isOutside ? [...expected, "upstream"] : expected,
              `${row.name}: ${name} to ${cidr}`,
            );
            compared += 1;
          }
    }
    assert.ok(compared > 500);
  });

test("whoever asks a host on a plane is answered on that plane, also where nobody named his network", () => {
  const [topology] = topologies as [Topology];
  for (const { host, zone, routing } of routersOf(topology).values())
    if (host.role !== "gateway")
      for (const plane of planes)
        assert.equal(nextHop(routing, host.addresses[plane], "192.0.2.77")?.via, zone.planes[plane].gateway, host.name);
});

test("whoever asks a pod, its node finds it by the main table and by no plane's own; no other host has such a way", () => {
  const [topology] = topologies as [Topology];
  for (const { host, zone, routing } of routersOf(topology).values()) {
    const first = routing.filter((line) => /^\d+: /.test(line))[0] ?? "";
    assert.equal(first.endsWith(`to ${zone.pods.cidr} lookup main`), host.role === "worker", `${host.name}: ${first}`);
  }
});

/** A way to pods, as the kernel has it. */
const isToPods = (line: string): boolean => line.startsWith("10.244.") && !line.includes("lookup");

test("ways to pods are those of the zone's other workers that are in service, over its business plane; no other host has one", () => {
  for (const topology of topologies)
    for (const { host, zone, routing } of routersOf(topology).values()) {
      const others = zone.hosts.filter(({ role, inService, name }) => role === "worker" && inService && name !== host.name);
      const device = hostDevices(topology, zone).business;
      assert.deepEqual(
        routing.filter(isToPods),
        host.role === "worker"
          ? others.map(({ name, addresses }) => `${zone.pods.nodes[name]} via ${addresses.business} dev ${device}`).toSorted()
          : [],
        host.name,
      );
    }
});

const production = topologies.find(({ machines }) => machines === "ssh") as Topology;

test("a way to a worker's pods goes with the worker", () => {
  const { host, zone } = routersOf(production).get("dc1-policy-wk1") as Router;
  const without = { ...zone, hosts: zone.hosts.map((one) => ({ ...one, inService: one.name !== "dc1-policy-wk2" })) };
  const routing = hostRouting(production, without, host, hostDevices(production, zone), []);
  assert.deepEqual(
    routing.filter(isToPods).map((line) => line.split(" ")[0]),
    [zone.pods.nodes["dc1-policy-wk3"]],
  );
});

test("ways to pods that the kernel lost with an interface are found and come back with it; those to a removed worker go", (t) => {
  const root = mkdtempSync(join(tmpdir(), "tandem-routes-"));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const { routing } = routersOf(production).get("dc1-policy-wk1") as Router;
  const [lost = ""] = routing.filter(isToPods);
  const [, device = ""] = / dev (\S+)/.exec(lost) ?? [];
  const removed = lost.replace(/^\S+/, "10.244.250.0/24");
  // A kernel that only tells what it holds, and is told what to change.
  const [routes, asked] = [join(root, "routes"), join(root, "asked")];
  writeFileSync(join(root, "ip"), `#!/bin/sh\ncase $* in *route*) cat ${routes} ;; *batch*) cat >> ${asked} ;; esac\n`, {
    mode: 0o755,
  });
  writeFileSync(routes, `${[...routing.filter((line) => line !== lost), removed].join("\n")}\n`);
  const run = (env: Record<string, string>, ...words: string[]): string => {
    writeFileSync(asked, "");
    const { status, stdout, stderr } = spawnSync("sh", ["-s", "--", ...words], {
      input: renderRoutes(routing),
      env: { PATH: `${root}:${process.env["PATH"]}`, ...env },
      encoding: "utf8",
    });
    assert.equal(status, 0, stderr);
    return words.length > 0 ? stdout : readFileSync(asked, "utf8");
  };
  assert.equal(run({}, "differing"), `${removed}\n${lost}\n`);
  assert.equal(run({ IFACE: device }), `route replace ${lost} proto 84\n`);
  assert.equal(run({ IFACE: "other" }), "");
  assert.equal(run({}), `route replace ${lost} proto 84\nroute del ${removed} proto 84\n`);
});
