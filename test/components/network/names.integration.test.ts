import assert from "node:assert/strict";
import { Resolver } from "node:dns/promises";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { gatewayDirectory } from "../../../components/network/gateway-keepalived.render.ts";
import {
  nameServerCommand,
  nameServerVip,
  renderNameServer,
  renderZoneNames,
} from "../../../components/network/zone-names.render.ts";
import { flowTable } from "../../../environments/model/flows/table.ts";
import { loadEnvironment } from "../../../environments/model/load.ts";
import type { Topology, Zone } from "../../../environments/model/topology.ts";
import { topologyOf } from "../../../environments/model/topology-of.ts";
import { ensureKubernetesBinaries } from "../../../scripts/toolchain/kubernetes-binaries.ts";
import { spawnOwned, whenInterrupted } from "../../support/interrupted.ts";
import { freePort } from "../../support/sshd.ts";
import { until } from "../../support/until.ts";

// A zone's name server on this machine's loopback, where it can't hold the zone's address and port.

async function serve(topology: Topology, zone: Zone, work: (resolver: Resolver) => Promise<void>): Promise<void> {
  const { coredns } = await ensureKubernetesBinaries(["coredns"], () => {});
  const directory = mkdtempSync(join(tmpdir(), "tandem-names-"));
  whenInterrupted(() => rmSync(directory, { recursive: true, force: true }));
  const port = await freePort();
  const here = (text: string): string =>
    text
      .replaceAll(gatewayDirectory, directory)
      .replaceAll(nameServerVip(zone).address, "127.0.0.1")
      .replaceAll(":53 {", `:${port} {`);
  writeFileSync(join(directory, "Corefile"), here(renderNameServer(topology, zone)));
  writeFileSync(join(directory, "names"), renderZoneNames(topology, zone, flowTable(topology)));
  const server = spawnOwned(coredns, nameServerCommand.map(here), { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [server.stdout, server.stderr])
    stream?.on("data", (data: Buffer) => {
      said += data.toString();
    });
  try {
    const resolver = new Resolver({ timeout: 1000, tries: 1 });
    resolver.setServers([`127.0.0.1:${port}`]);
    await until("it answers", async () => {
      assert.equal(server.exitCode, null, said);
      return resolver.resolveSoa(topology.dns.domain).then(
        () => true,
        () => false,
      );
    });
    await work(resolver);
  } finally {
    server.kill();
    if (server.exitCode === null && server.signalCode === null) await once(server, "exit");
    rmSync(directory, { recursive: true });
  }
}

for (const [platform, variant] of [
  ["reference", {}],
  ["lab", { slot: 0 }],
] as const)
  test(`${platform}: the real name server tells a zone's hosts their names and those of VIPs that they may reach, and no other zone's`, async () => {
    const topology = topologyOf(loadEnvironment(platform, variant));
    // Nobody outside is asked.
    const alone = { ...topology, dns: { ...topology.dns, servers: platform === "reference" ? ["127.0.0.1"] : [] } };
    const [site] = topology.sites;
    const [zone, shared] = ["office", "platform"].map((name) => site?.zones.find((each) => each.name === name));
    assert.ok(zone && shared);
    await serve(alone, zone, async (resolver) => {
      for (const { fqdn, addresses } of zone.hosts) assert.deepEqual(await resolver.resolve4(fqdn), [addresses.management]);
      const api = shared.vips.find(({ name }) => name === "kubernetes-api");
      assert.ok(api);
      assert.deepEqual(await resolver.resolve4(api.fqdn), [api.address]);
      const database = shared.vips.find(({ name }) => name === "database");
      for (const stranger of [shared.hosts[0]?.fqdn, database?.fqdn, `no.such.${topology.dns.domain}`])
        await assert.rejects(resolver.resolve4(stranger ?? ""), { code: "ENOTFOUND" });
      if (alone.dns.servers.length === 0)
        await assert.rejects(resolver.resolve4("elsewhere.example"), ({ code }: NodeJS.ErrnoException) => code === "EREFUSED");
    });
  });
