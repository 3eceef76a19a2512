import * as pulumi from "@pulumi/pulumi";
import { platformPorts } from "../../environments/model/ports.ts";
import { registryPassword } from "../../environments/model/registry.ts";
import { serviceAccount } from "../../environments/model/service-account.ts";
import type { Site, Topology } from "../../environments/model/topology.ts";
import type { ServiceBehindVip } from "../balancer/balancer.render.ts";
import { DataVolume } from "../host/data-volume.ts";
import type { Host } from "../host/host.ts";
import { checks, forServices } from "../host/host-file.ts";
import { ServiceContainer } from "../host/service-container.ts";
import { ServiceDirectory } from "../host/service-directory.ts";
import { type Credentials, pemOf } from "../trust/credentials.ts";
import { distributionHealth, renderDistribution, startDistribution } from "./distribution.render.ts";
import { frontCommand, healthPath, renderAccounts, renderFront } from "./front.render.ts";
import { memoryMibOf, registryPaths, siteRegistry } from "./registry.render.ts";
import { renderInventory } from "./replication.render.ts";

export interface DistributionRegistryArgs {
  readonly topology: Topology;
  readonly site: Site;
  readonly host: Host;
  readonly credentials: Credentials;
  readonly images: {
    /** distribution 2.8 with bash, curl and jq. */
    readonly registry: string;
    /** HAProxy 2.6 or newer. */
    readonly haproxy: string;
  };
}

/** Seconds in which uploads that are under way end. */
const graceSeconds = 35;

/** A site's image registry on its host's own disk. Stands in for Harbor in a lab: no retention, no quotas, no scans, no robots that expire. */
export class DistributionRegistry extends pulumi.ComponentResource {
  readonly data: DataVolume;
  /** What a VIP offers of it. */
  readonly service: Pick<ServiceBehindVip, "port" | "servers" | "check" | "serves">;

  constructor(name: string, args: DistributionRegistryArgs, options?: pulumi.ComponentResourceOptions) {
    super("tandem:registry:DistributionRegistry", name, {}, options);
    const { topology, site, host, credentials, images } = args;
    const { place } = host;
    const registry = siteRegistry(topology, site, place);
    const directory = new ServiceDirectory(`registry-${place.name}`, { host, service: "registry" });
    const accounts = pulumi
      .all(registry.accounts.map(({ name: account }) => credentials.password(registryPassword(account))))
      .apply((passwords) =>
        renderAccounts(registry.accounts.map(({ name: account }, index) => ({ account, password: passwords[index] ?? "" }))),
      );
    const server = { path: registryPaths.server, content: renderDistribution(registry) };
    const ofServer = [directory.file(this, "server", server)];
    const certificate = pemOf(credentials.issued(`registry-${place.name}`));
    const ofFront = [
      directory.file(this, "front", { path: registryPaths.front, content: renderFront(registry) }),
      directory.file(this, "accounts", { path: registryPaths.accounts, content: accounts, ...forServices }),
      directory.file(this, "certificate", {
        ...{ path: registryPaths.certificate, content: certificate, check: checks.certificateAndKey },
        ...forServices,
      }),
    ];
    const listing = { path: registryPaths.inventory, content: renderInventory(), check: checks.bash };
    const inventory = directory.file(this, "inventory", listing);
    this.data = new DataVolume(
      `registry-data-${place.name}`,
      { host, service: "registry", target: registryPaths.data },
      { parent: this },
    );
    const user = `${serviceAccount.id}:${serviceAccount.id}`;
    const serving = new ServiceContainer(
      `registry-${place.name}`,
      {
        ...{
          host,
          service: "registry",
          image: images.registry,
          entrypoint: "sh",
          command: ["-c", startDistribution(registry)],
        },
        configurationDigests: ofServer.map(({ digest }) => digest),
        ...{ memoryMib: memoryMibOf(place, "server"), graceSeconds, user, mounts: [this.data.mount] },
        healthcheck: { command: distributionHealth, everySeconds: 5, timeoutSeconds: 3, startSeconds: 30 },
      },
      { parent: this, after: [...ofServer, inventory] },
    );
    new ServiceContainer(
      `registry-front-${place.name}`,
      {
        ...{ host, service: "registry-front", image: images.haproxy, command: [...frontCommand] },
        configurationDigests: ofFront.map(({ digest }) => digest),
        ...{ memoryMib: memoryMibOf(place, "front"), graceSeconds: 5, user },
      },
      { parent: this, after: [...ofFront, serving] },
    );
    this.service = {
      port: platformPorts.registry,
      servers: [{ name: place.name, address: place.addresses.management, port: platformPorts.registry }],
      check: { scheme: "https", path: healthPath },
      serves: "all",
    };
    this.registerOutputs({ probes: [...ofServer, ...ofFront, inventory].map(({ probe }) => probe) });
  }
}
