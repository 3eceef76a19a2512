// Prints what a pair with one service registers in a preview, as JSON. A process of its own: others mock the engine too.
import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { BalancedService } from "../../../components/balancer/balanced-service.ts";
import { BalancerPair } from "../../../components/balancer/balancer-pair.ts";
import { Host, type Machine } from "../../../components/host/host.ts";
import type { Credentials } from "../../../components/trust/credentials.ts";
import { loadEnvironment } from "../../../environments/model/load.ts";
import { topologyOf } from "../../../environments/model/topology-of.ts";
import { realMachine } from "../../support/real-machine.ts";

export interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** What a pair with one service registers in a preview, in the order of registration. */
async function preview(platform: string, machine: Machine): Promise<Registered[]> {
  const registered: Registered[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        registered.push({ type, name, inputs });
        return { id: `${name}-id`, state: inputs };
      },
      call: () => ({}),
    },
    "tandem",
    platform,
    true,
  );
  const topology = topologyOf(loadEnvironment(platform, {}));
  const zone = topology.sites[0]?.zones[0];
  assert.ok(zone);
  const access = { user: "tandem", port: 22, privateKey: pulumi.secret("login"), hostKey: "ssh-ed25519 AAAA" };
  const hosts = zone.hosts
    .filter(({ role }) => role === "balancer")
    .map((place) => new Host(`${platform}-${place.shortName}`, { place, access, machine }));
  const credentials: Pick<Credentials, "authorities" | "issued" | "password"> = {
    authorities: () => pulumi.output("authorities"),
    issued: (name) => ({ certificate: pulumi.output(name), privateKey: pulumi.secret("planted key") }),
    password: () => pulumi.secret("planted password"),
  };
  const images = { haproxy: "haproxy@sha256:0", keepalived: "keepalived@sha256:0" };
  const pair = new BalancerPair(`balancers-${platform}`, {
    ...{ hosts, zone, timings: topology.timings, images },
    credentials: credentials as Credentials,
  });
  const vip = zone.vips.find(({ name }) => name === "database");
  assert.ok(vip);
  const check = { scheme: "http", port: 3380, path: "/writer" } as const;
  const servers = [{ name: "db1", address: "192.0.2.1", port: 3306 }];
  const service = new BalancedService(`database-${platform}`, { pair, vip, port: 3306, servers, check, serves: "one" });
  await new Promise<void>((resolve) => pulumi.all([service.urn, service.serving]).apply(() => resolve()));
  return registered;
}

process.stdout.write(JSON.stringify(await preview("reference", realMachine)));
