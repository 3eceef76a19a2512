import assert from "node:assert/strict";
import { test } from "node:test";
import { gatewayDevices, hostDevices } from "../../components/network/devices.render.ts";
import { renderGatewayRules } from "../../components/network/gateway.render.ts";
import { renderHostRules } from "../../components/network/host-rules.render.ts";
import { flowTable, rowsByReceiver, rowsByZone } from "../../environments/model/flows/table.ts";
import { loadEnvironment, platforms } from "../../environments/model/load.ts";
import { topologyOf } from "../../environments/model/topology-of.ts";
import { runOnHost } from "../../scripts/lab/ssh.ts";
import { external } from "../environments/external.ts";
import { hostNamed, lab } from "./session.ts";

test("nftables itself reads the rules of every gateway and host of every platform, and of the company's own gateways, and refuses unsound ones", async () => {
  const host = hostNamed("dc1-policy-gw1");
  const check = (text: string) => runOnHost(lab, host, `sudo -n nft --check --file - << 'END OF RULES'\n${text}END OF RULES\n`);
  const topologies = platforms().map((platform) => topologyOf(loadEnvironment(platform, platform === "lab" ? { slot: 0 } : {})));
  for (const topology of [...topologies, external]) {
    const table = flowTable(topology);
    const [received, byZone] = [rowsByReceiver(table), rowsByZone(table)];
    for (const site of topology.sites)
      for (const zone of site.zones) {
        const ofHosts = zone.hosts
          .filter(({ role }) => role !== "gateway")
          .map((one) => renderHostRules(topology, zone, one, hostDevices(topology, zone), received.get(one.name) ?? []));
        const rows = byZone.get(`${site.name}-${zone.name}`) ?? [];
        for (const text of [renderGatewayRules(topology, site, zone, gatewayDevices(topology, zone), rows), ...ofHosts]) {
          const { code, stderr } = await check(text);
          assert.equal(code, 0, `${topology.platform} ${site.name}-${zone.name}: ${stderr}\n${text}`);
        }
      }
  }
  const { code, stderr } = await check(
    "table inet tandem { chain input { type filter hook input priority filter; policy dropp; } }\n",
  );
  assert.notEqual(code, 0);
  assert.match(stderr, /dropp/);
});
