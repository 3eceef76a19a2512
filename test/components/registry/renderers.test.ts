import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { renderDistribution } from "../../../components/registry/distribution.render.ts";
import { renderAccounts, renderFront } from "../../../components/registry/front.render.ts";
import { renderImageSources } from "../../../components/registry/image-sources.render.ts";
import { siteRegistry } from "../../../components/registry/registry.render.ts";
import {
  renderEvent,
  renderInventory,
  renderLogin,
  renderReplication,
  renderRequest,
} from "../../../components/registry/replication.render.ts";
import {
  renderImageCredentialProgram,
  renderImageCredentialProvider,
  renderImageLogin,
} from "../../../components/worker/image-credentials.render.ts";
import { platformOf } from "../../../environments/model/flows/party.ts";
import { flowTable } from "../../../environments/model/flows/table.ts";
import { loadEnvironment, platforms } from "../../../environments/model/load.ts";
import { fills, loginOf, pullingAccount, registryAccounts, registryName } from "../../../environments/model/registry.ts";
import type { Site, Topology } from "../../../environments/model/topology.ts";
import { topologyOf } from "../../../environments/model/topology-of.ts";
import { matchesGolden } from "../../support/golden.ts";

const topologies = platforms().map((platform) => topologyOf(loadEnvironment(platform, platform === "lab" ? { slot: 0 } : {})));
const golden = (name: string): string => join(import.meta.dirname, "golden", name);

const vipOf = (site: Site) => {
  const vip = platformOf(site).vips.find(({ name }) => name === "registry");
  assert.ok(vip);
  return vip;
};
const registryOf = (topology: Topology, site: Site) => {
  const host = platformOf(site).hosts.find(({ role }) => role === "registry");
  assert.ok(host);
  return siteRegistry(topology, site, host);
};

for (const topology of topologies)
  test(`${topology.platform}: what the registries of both sites and their hosts read is as in the golden files`, () => {
    for (const site of topology.sites) {
      const at = (name: string): string => golden(`${topology.platform}-${site.role}-${name}`);
      const registry = registryOf(topology, site);
      matchesGolden(renderDistribution(registry), at("config.yml"));
      matchesGolden(renderFront(registry), at("front.cfg"));
      matchesGolden(renderImageSources(topology, site), at("hosts.toml"));
    }
    const [active, standby] = topology.sites as [Site, Site];
    assert.deepEqual(topology.sites.map(fills), [true, false]);
    const { everyMinutes } = topology.registry.replication;
    matchesGolden(renderReplication({ to: vipOf(standby), everyMinutes }), golden(`${topology.platform}-replication.sh`));
    assert.ok(vipOf(active).address !== vipOf(standby).address);
  });

test("what is the same for all is as in the golden files", () => {
  const [topology] = topologies as [Topology];
  matchesGolden(renderInventory(), golden("inventory.sh"));
  matchesGolden(renderEvent(), golden("event.sh"));
  matchesGolden(renderImageCredentialProvider("registry.example.internal"), golden("image-credential-provider.yaml"));
  matchesGolden(renderImageCredentialProgram(), golden("image-credential-program.sh"));
  const policy = pullingAccount(topology, { name: "policy" });
  matchesGolden(
    renderImageLogin("registry.example.internal", loginOf(topology, policy.name), "secret"),
    golden("image-login.json"),
  );
});

test("passwords are in files of their own, as each program reads them", () => {
  const [topology] = topologies as [Topology];
  const [, standby] = topology.sites as [Site, Site];
  const to = vipOf(standby);
  assert.equal(
    renderAccounts([
      { account: "pull-a", password: "Ab1" },
      { account: "push-a", password: "a b" },
    ]),
    `# Managed by Tandem: changes by hand are found and reported.
userlist accounts
  group may-pull-a users pull-a
  group may-push-a users push-a
  user pull-a insecure-password Ab1
  user push-a insecure-password a\\x20b
`,
  );
  const { auths } = JSON.parse(renderLogin({ to, everyMinutes: 1 }, "Ab1")) as { auths: Record<string, { auth: string }> };
  assert.equal(Buffer.from(auths[`${to.address}:443`]?.auth ?? "", "base64").toString(), "replication:Ab1");
  assert.match(renderRequest("Ab1"), /^user = "replication:Ab1"$/m);
});

for (const topology of topologies)
  test(`${topology.platform}: every account writes only projects that it reads, and only replication writes those of more than one zone`, () => {
    const accounts = registryAccounts(topology);
    for (const { name, does, reads, writes } of accounts) {
      assert.ok(
        writes.every((project) => reads.includes(project)),
        name,
      );
      assert.ok(writes.length <= 1 || does === "replicates", name);
    }
    const zones = new Set(topology.sites.flatMap(({ zones: all }) => all.map(({ name }) => name)));
    for (const zone of zones)
      assert.deepEqual(
        accounts.filter(({ reads, does }) => reads.includes(zone) && does === "pulls").map(({ name }) => name),
        zone === "platform" ? [...zones].toSorted().map((each) => `pull-${each}`) : [`pull-${zone}`],
      );
    assert.equal(new Set(accounts.map(({ name }) => name)).size, accounts.length);
  });

for (const topology of topologies)
  test(`${topology.platform}: every host may ask the registries of both sites, and hears the one name of its own site's`, () => {
    const table = flowTable(topology);
    for (const site of topology.sites)
      for (const zone of site.zones)
        for (const each of topology.sites) {
          const rows = table.filter(
            ({ from, to, plane }) =>
              plane === "management" &&
              from.site === site.name &&
              from.zone === zone.name &&
              to.cidrs.includes(`${vipOf(each).address}/32`),
          );
          const hosts = new Set(rows.flatMap(({ from }) => from.hosts));
          const inService = zone.hosts.filter((host) => host.inService).map(({ name }) => name);
          assert.deepEqual(
            inService.filter((name) => !hosts.has(name)),
            [],
            `${site.name} ${zone.name} to ${each.name}`,
          );
        }
    assert.match(registryName(topology), /^registry\./);
  });
