import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { type ServiceBehindVip, watchOf } from "../../../components/balancer/balancer.render.ts";
import { haproxyMemoryMib, renderHaproxy, renderUsers } from "../../../components/balancer/haproxy.render.ts";
import { renderKeepalived, renderVip } from "../../../components/balancer/keepalived.render.ts";
import {
  renderReload,
  renderServes,
  renderStartHaproxy,
  renderStartKeepalived,
} from "../../../components/balancer/scripts.render.ts";
import { renderService } from "../../../components/balancer/service.render.ts";
import { platforms } from "../../../environments/model/load.ts";
import { timingsOf } from "../../../environments/model/timings.ts";
import { availabilityModes, type Host, type Vip } from "../../../environments/model/topology.ts";
import { matchesGolden } from "../../support/golden.ts";
import { placeOn, servicesOf } from "./places.ts";

const golden = (name: string): string => join(import.meta.dirname, "golden", name);

for (const platform of platforms()) {
  const place = placeOn(platform);
  const [host, peer] = place.hosts as [Host, Host];
  const { timings } = place.topology;
  const [database, api] = servicesOf(place) as [ServiceBehindVip, ServiceBehindVip];
  const texts = {
    "base.cfg": renderHaproxy(host, timings),
    "keepalived.conf": renderKeepalived(host, timings),
    "vip-database.cfg": renderService(database),
    "vip-database.conf": renderVip(database.vip, host, [peer], "eth2", timings),
    "vip-kubernetes-api.cfg": renderService(api),
  };
  for (const [name, text] of Object.entries(texts))
    test(`${name} of ${platform} is the one of its golden file`, () => matchesGolden(text, golden(`${platform}-${name}`)));
}

test("every script is one that its shell can read", () => {
  const scripts = { sh: [renderReload(), renderServes(30), renderStartHaproxy()], bash: [renderStartKeepalived()] };
  for (const [shell, texts] of Object.entries(scripts))
    for (const input of texts) {
      const { status, stderr } = spawnSync(shell, ["-n"], { input, encoding: "utf8" });
      assert.equal(status, 0, stderr);
    }
});

test("the start scripts are the ones of their golden files", () => {
  matchesGolden(renderStartHaproxy(), golden("start-haproxy.sh"));
  matchesGolden(renderStartKeepalived(), golden("start-keepalived.bash"));
  matchesGolden(renderReload(), golden("reload.sh"));
});

test("neither balancer is a VIP's home, and the two never claim it with the same priority", () => {
  for (const platform of platforms()) {
    const { hosts, vips, topology } = placeOn(platform);
    for (const vip of vips) {
      const texts = hosts.map((host) =>
        renderVip(
          vip,
          host,
          hosts.filter((peer) => peer !== host),
          "eth0",
          topology.timings,
        ),
      );
      for (const text of texts) assert.match(text, /state BACKUP\n {2}nopreempt\n/);
      assert.equal(new Set(texts.map((text) => /priority (\d+)/.exec(text)?.[1])).size, 2);
    }
  }
});

test("each mode's own timings reach HAProxy and keepalived", () => {
  const { hosts, vips } = placeOn("reference");
  const [host] = hosts as [Host];
  for (const mode of availabilityModes) {
    const timings = timingsOf(mode);
    const { intervalMs, fastIntervalMs, fall } = watchOf(timings);
    const options = `inter ${intervalMs}ms fastinter ${fastIntervalMs}ms downinter ${fastIntervalMs}ms fall ${fall} rise 1`;
    assert.ok(renderHaproxy(host, timings).includes(options));
    assert.ok(renderKeepalived(host, timings).includes(`watch-every-seconds ${fastIntervalMs / 1000}\n`));
    assert.ok(renderVip(vips[0] as Vip, host, [], "eth0", timings).includes(`advert_int ${timings.vrrpAdvertSeconds}\n`));
  }
});

test("a password may hold any character: it is one word to HAProxy and ends no line", () => {
  const [, line] = renderUsers("a#b\"c'd\\e f$\n").split("\n").slice(1);
  assert.equal(line, "  user monitoring insecure-password a\\x23b\\x22c\\x27d\\x5ce\\x20f\\x24\\x0a");
});

test("connections that HAProxy accepts fit into half of its memory", () => {
  for (const platform of platforms()) {
    const { hosts, topology } = placeOn(platform);
    for (const host of hosts) {
      const connections = Number(/maxconn (\d+)/.exec(renderHaproxy(host, topology.timings))?.[1]);
      assert.ok(connections >= 200 && connections * 64 * 1024 <= (haproxyMemoryMib(host) / 2) * 2 ** 20, `${connections}`);
    }
  }
});
