import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { renderChrony } from "../../../components/host/chrony.render.ts";
import { renderInterfaces } from "../../../components/host/interfaces.render.ts";
import { renderSshd } from "../../../components/host/sshd.render.ts";
import { hostSysctls, renderSysctl } from "../../../components/host/sysctl.render.ts";
import { loadEnvironment } from "../../../environments/model/load.ts";
import { type HostRole, hostRoles } from "../../../environments/model/topology.ts";
import { topologyOf } from "../../../environments/model/topology-of.ts";
import { matchesGolden } from "../../support/golden.ts";

const topology = topologyOf(loadEnvironment("reference", {}));
const zones = topology.sites.flatMap((site) => site.zones);
const hosts = zones.flatMap((zone) => zone.hosts);
const golden = (name: string): string => join(import.meta.dirname, "golden", name);

function hostOf(role: HostRole) {
  const host = hosts.find((each) => each.role === role);
  assert.ok(host, `no host has the role ${role}`);
  return host;
}

for (const role of hostRoles) {
  test(`kernel settings of a ${role} are the ones of its golden file`, () =>
    matchesGolden(renderSysctl(hostOf(role)), golden(`sysctl-${role}.conf`)));
}

test("only gateways and workers forward packets", () => {
  for (const host of hosts) {
    assert.equal(hostSysctls(host)["net.ipv4.ip_forward"], ["gateway", "worker"].includes(host.role) ? "1" : "0", host.name);
  }
});

test("time sources are the ones of their golden file", () => matchesGolden(renderChrony(topology), golden("chrony.conf")));

test("SSH settings are the ones of their golden file", () =>
  matchesGolden(renderSshd(topology, hostOf("database")), golden("sshd.conf")));

test("interfaces of a host are the ones of their golden file", () => {
  const [zone] = zones;
  const host = zone?.hosts.find(({ role }) => role === "balancer");
  assert.ok(zone && host);
  matchesGolden(renderInterfaces(zone, host, topology.trunk), golden("interfaces"));
});

test("every host has one VLAN interface a plane, a gateway one more on the core network and in the platform zone on the link", () => {
  for (const zone of zones) {
    for (const host of zone.hosts) {
      const lines = renderInterfaces(zone, host, topology.trunk).split("\n");
      const uplinks = host.role === "gateway" ? (zone.name === "platform" ? 2 : 1) : 0;
      assert.equal(lines.filter((line) => line.startsWith("iface ")).length, 3 + uplinks);
      for (const address of Object.values(host.addresses)) assert.ok(lines.some((line) => line.includes(`address ${address}/`)));
    }
  }
});
