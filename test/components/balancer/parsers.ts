import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { balancerDirectory, type ServiceBehindVip } from "../../../components/balancer/balancer.render.ts";
import { renderHaproxy, renderUsers } from "../../../components/balancer/haproxy.render.ts";
import { renderKeepalived, renderVip } from "../../../components/balancer/keepalived.render.ts";
import { renderService } from "../../../components/balancer/service.render.ts";
import { platforms } from "../../../environments/model/load.ts";
import { timingsOf } from "../../../environments/model/timings.ts";
import { availabilityModes, type Host } from "../../../environments/model/topology.ts";
import { onHost, statisticsPassword } from "./pair.ts";
import { placeOn, servicesOf } from "./places.ts";
import { lb1, pair } from "./session.ts";

/** Puts a configuration into a directory of its own on a host of the pair, whose certificates it names. */
function place(name: string, texts: Readonly<Record<string, string>>): void {
  const directory = join(pair.directory, lb1.name, "parsed", name);
  mkdirSync(directory, { recursive: true });
  for (const [file, text] of Object.entries(texts))
    writeFileSync(join(directory, file), text.replaceAll(`include ${balancerDirectory}`, `include /etc/tandem/parsed/${name}`), {
      mode: 0o644,
    });
}

/** Names of the configurations that a program refuses. */
async function refused(program: "haproxy" | "keepalived", command: string): Promise<string[]> {
  const script = `cd /etc/tandem/parsed; for one in *; do ${command} > /dev/null 2>&1 || echo "$one"; done`;
  return (await onHost(pair, lb1, script, program)).split("\n");
}

test("HAProxy and keepalived read what is rendered for every platform in every mode, and name what they can't read", async () => {
  for (const platform of platforms())
    for (const mode of availabilityModes) {
      const timings = timingsOf(mode);
      const pairOf = placeOn(platform);
      const [host, peer] = pairOf.hosts as [Host, Host];
      const services: ServiceBehindVip[] = servicesOf(pairOf);
      place(`${platform}-${mode}`, {
        "base.cfg": renderHaproxy(host, timings),
        "users.cfg": renderUsers(statisticsPassword),
        "keepalived.conf": renderKeepalived(host, timings),
        ...Object.fromEntries(services.map((service) => [`vip-${service.vip.name}.cfg`, renderService(service)])),
        ...Object.fromEntries(services.map(({ vip }) => [`vip-${vip.name}.conf`, renderVip(vip, host, [peer], "eth2", timings)])),
      });
    }
  place("unsound", { "base.cfg": "global\n  maxcon 5\n", "keepalived.conf": "vrrp_instance a {\n  advert_int never\n" });
  assert.deepEqual(await refused("haproxy", 'haproxy -c -f "$one"'), ["unsound"]);
  assert.deepEqual(await refused("keepalived", 'keepalived --config-test --use-file="$PWD/$one/keepalived.conf"'), ["unsound"]);
});
