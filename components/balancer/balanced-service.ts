import * as pulumi from "@pulumi/pulumi";
import type { Host } from "../host/host.ts";
import { forServices, HostFile } from "../host/host-file.ts";
import { type Before, holderLast, serving } from "../host/turns.ts";
import { type ServiceBehindVip, servicePaths } from "./balancer.render.ts";
import { type BalancerPair, reloadOf } from "./balancer-pair.ts";
import { renderVip } from "./keepalived.render.ts";
import { renderServes } from "./scripts.render.ts";
import { renderService } from "./service.render.ts";

export interface BalancedServiceArgs extends ServiceBehindVip {
  /** A stack that doesn't declare the pair itself gives its hosts, and no containers. */
  readonly pair: Pick<BalancerPair, "hosts" | "zone" | "timings" | "containers">;
}

/** A VIP and the servers behind it: files of its own on both balancers, which take them up without touching another service's connections. */
export class BalancedService extends pulumi.ComponentResource {
  /** Known when both balancers serve with it. */
  readonly serving: pulumi.Output<undefined>;

  constructor(name: string, args: BalancedServiceArgs, options?: pulumi.ComponentResourceOptions) {
    const { pair, vip } = args;
    if (args.servers.length === 0) throw new Error(`${name}: no server stands behind VIP ${vip.name}; give at least one`);
    super("tandem:balancer:BalancedService", name, {}, options);
    const turns = { hosts: pair.hosts, addresses: [vip.address], renderServes };
    const files = holderLast(turns, (host, before) => this.#files(host, args, before));
    this.serving = serving(turns, files);
    this.registerOutputs({ probes: [...files.values()].flat().map(({ probe }) => probe), serving: this.serving });
  }

  #files(host: Host, args: BalancedServiceArgs, before: Before): HostFile[] {
    const { pair, vip } = args;
    const { place } = host;
    const paths = servicePaths(vip);
    const after: Before = before.then((others) => [...others, ...pair.containers]);
    const haproxy = new HostFile(
      `${vip.name}-haproxy-${place.name}`,
      { host, ...forServices, path: paths.haproxy, content: renderService(args), reload: reloadOf("haproxy") },
      { parent: this, dependsOn: after },
    );
    // HAProxy listens before the VIP can come.
    const keepalived = new HostFile(
      `${vip.name}-keepalived-${place.name}`,
      {
        ...{ host, ...forServices, path: paths.keepalived, reload: reloadOf("keepalived") },
        content: renderVip(
          vip,
          place,
          pair.zone.hosts.filter(({ name }) => vip.holders.includes(name) && name !== place.name),
          host.interfaceOf(pair.zone.planes[vip.plane]),
          pair.timings,
        ),
      },
      { parent: this, dependsOn: [haproxy] },
    );
    return [haproxy, keepalived];
  }
}
