import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { serviceAccount } from "../../environments/model/service-account.ts";
import type { Timings, Zone } from "../../environments/model/topology.ts";
import type { Host } from "../host/host.ts";
import { checks, forServices, HostFile, type HostFileArgs } from "../host/host-file.ts";
import { ServiceContainer } from "../host/service-container.ts";
import { ServiceDirectory } from "../host/service-directory.ts";
import { type Before, holderLast, serving } from "../host/turns.ts";
import { type Credentials, pemOf } from "../trust/credentials.ts";
import { balancerPaths, keepalivedMemoryMib } from "./balancer.render.ts";
import { haproxyMemoryMib, renderHaproxy, renderUsers } from "./haproxy.render.ts";
import { renderKeepalived } from "./keepalived.render.ts";
import { renderReload, renderServes, renderStartHaproxy, renderStartKeepalived } from "./scripts.render.ts";

export interface BalancerPairArgs {
  /** The balancers that are in service: two, or the one that is left. */
  readonly hosts: readonly Host[];
  /** The zone whose VIPs they hold. */
  readonly zone: Zone;
  readonly timings: Timings;
  readonly credentials: Credentials;
  readonly images: {
    /** HAProxy 2.6 or newer with sh, cat, cksum, grep, mkfifo and timeout, as the official one. */
    readonly haproxy: string;
    /** keepalived 2.2 or newer with bash, sh, cat, cksum, sed and timeout. */
    readonly keepalived: string;
  };
}

/** What a host runs after a file of a service was written. */
export const reloadOf = (service: "haproxy" | "keepalived"): string => `sh ${balancerPaths.reload} ${service}`;

/**
 * HAProxy and keepalived on two hosts, without any VIP yet: each `BalancedService` brings one.
 * Changes of configuration are taken up by a reload that loses no connection; only another image or start script replaces a container.
 */
export class BalancerPair extends pulumi.ComponentResource {
  readonly hosts: readonly Host[];
  readonly zone: Zone;
  readonly timings: Timings;
  readonly containers: readonly docker.Container[];
  /** Known when both hosts serve. */
  readonly serving: pulumi.Output<undefined>;

  constructor(name: string, args: BalancerPairArgs, options?: pulumi.ComponentResourceOptions) {
    if (args.hosts.length === 0) throw new Error(`${name}: no balancer is in service; a pair has two`);
    super("tandem:balancer:BalancerPair", name, {}, options);
    const { hosts, zone, timings } = args;
    this.hosts = hosts;
    this.zone = zone;
    this.timings = timings;

    const pair = { hosts, addresses: zone.vips.map(({ address }) => address), renderServes };
    const files = holderLast(pair, (host, before) => this.#files(host, args, before));
    const containers = holderLast(pair, (host, before) =>
      this.#containers(
        host,
        args,
        before.then((others) => [...others, ...(files.get(host) ?? [])]),
      ),
    );
    this.containers = [...containers.values()].flat();
    this.serving = serving(pair, containers);
    this.registerOutputs({ probes: [...files.values()].flat().map(({ probe }) => probe), serving: this.serving });
  }

  #files(host: Host, { timings, credentials }: BalancerPairArgs, before: Before): HostFile[] {
    const { name } = host.place;
    const file = (what: string, file: Omit<HostFileArgs, "host">, dependsOn: Before | pulumi.Resource[]): HostFile =>
      new HostFile(`balancer-${what}-${name}`, { host, ...file }, { parent: this, ...(dependsOn && { dependsOn }) });

    const directory = new ServiceDirectory(`balancer-${name}`, { host, service: "balancer" });
    const script = { path: balancerPaths.reload, content: renderReload(), check: checks.sh };
    const reload = file(
      "reload",
      script,
      before.then((others): pulumi.Resource[] => [...others, directory]),
    );
    const forHaproxy = { ...forServices, reload: reloadOf("haproxy") };
    const ofHaproxy = [
      file(
        "authorities",
        {
          ...forHaproxy,
          path: balancerPaths.authorities,
          content: credentials.authorities("platform"),
          check: checks.certificate,
        },
        [reload],
      ),
      file(
        "certificate",
        {
          ...forHaproxy,
          path: balancerPaths.certificate,
          content: pemOf(credentials.issued(`balancer-${name}`)),
          check: checks.certificate,
        },
        [reload],
      ),
      file(
        "users",
        {
          ...forHaproxy,
          path: balancerPaths.users,
          content: credentials.password("balancer-statistics").apply(renderUsers),
        },
        [reload],
      ),
    ];
    const haproxy = { ...forHaproxy, path: balancerPaths.haproxy, content: renderHaproxy(host.place, timings) };
    const keepalived = {
      ...forServices,
      ...{ path: balancerPaths.keepalived, content: renderKeepalived(host.place, timings), reload: reloadOf("keepalived") },
    };
    return [reload, ...ofHaproxy, file("haproxy", haproxy, ofHaproxy), file("keepalived", keepalived, [reload])];
  }

  #containers(host: Host, { images }: BalancerPairArgs, before: Before): docker.Container[] {
    const { name } = host.place;
    const { id } = serviceAccount;
    const haproxy = new ServiceContainer(
      `haproxy-${name}`,
      {
        ...{ host, service: "haproxy", image: images.haproxy, command: ["sh", "-c", renderStartHaproxy()] },
        ...{ memoryMib: haproxyMemoryMib(host.place), graceSeconds: 5, user: `${id}:${id}` },
        tmpfs: { [balancerPaths.runtime]: `uid=${id},gid=${id},mode=0700` },
      },
      { parent: this, after: before },
    );
    const keepalived = new ServiceContainer(
      `keepalived-${name}`,
      {
        ...{ host, service: "keepalived", image: images.keepalived, command: ["bash", "-c", renderStartKeepalived()] },
        ...{ memoryMib: keepalivedMemoryMib, graceSeconds: 5, user: "0:0" },
        // Its own VRRP packets and the VIPs on its host's interfaces.
        capabilities: ["CAP_NET_ADMIN", "CAP_NET_RAW"],
        tmpfs: { [balancerPaths.runtime]: "mode=0700" },
      },
      { parent: this, after: before },
    );
    return [haproxy.container, keepalived.container];
  }
}
