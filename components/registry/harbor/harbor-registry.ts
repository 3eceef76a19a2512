import * as pulumi from "@pulumi/pulumi";
import { hashName } from "../../../environments/model/certificates.ts";
import { platformPorts } from "../../../environments/model/ports.ts";
import {
  type HarborPassword,
  harborPassword,
  harborPasswords,
  harborTokenKey,
  registryPassword,
} from "../../../environments/model/registry.ts";
import type { HarborImageName } from "../../../environments/model/schema/services.ts";
import { serviceAccount } from "../../../environments/model/service-account.ts";
import type { Site } from "../../../environments/model/topology.ts";
import type { ServiceBehindVip } from "../../balancer/balancer.render.ts";
import type { Host } from "../../host/host.ts";
import { forServices, type HostFile } from "../../host/host-file.ts";
import { ServiceContainer } from "../../host/service-container.ts";
import { ServiceDirectory } from "../../host/service-directory.ts";
import { type Credentials, pemOf } from "../../trust/credentials.ts";
import { corePing } from "./core.render.ts";
import {
  authoritiesFile,
  type HarborFile,
  type HarborPart,
  type HarborPartName,
  type HarborSecrets,
  harborFile,
  memoryMibOfPart,
  type SiteHarbor,
  siteHarbor,
} from "./harbor.render.ts";
import { HarborVolume } from "./harbor-volume.ts";
import { harborParts } from "./parts.render.ts";

export interface HarborRegistryArgs {
  readonly site: Site;
  readonly host: Host;
  readonly credentials: Credentials;
  /** Of one release of Harbor. */
  readonly image: (name: HarborImageName) => string;
}

/** A site's image registry on its host's own disk: Harbor with its database, its scanner and all that it keeps. */
export class HarborRegistry extends pulumi.ComponentResource {
  /** What a VIP offers of it. */
  readonly service: Pick<ServiceBehindVip, "port" | "servers" | "check" | "serves">;

  constructor(name: string, args: HarborRegistryArgs, options?: pulumi.ComponentResourceOptions) {
    super("tandem:registry:HarborRegistry", name, {}, options);
    const { site, host, credentials } = args;
    const { place } = host;
    const harbor = siteHarbor(site, place);
    const parts = harborParts(harbor);
    const directory = new ServiceDirectory(`harbor-${place.name}`, { host, service: "harbor" }, { parent: this });
    const secrets = secretsOf(credentials, place.name);
    const authorities = { path: harborFile(authoritiesFile), content: credentials.authorities("platform") };
    const files = new Map<string, HostFile>([
      [authoritiesFile, directory.file(this, "authorities", authorities)],
      ...parts
        .flatMap((part) => part.files)
        .map((file): [string, HostFile] => [
          file.name,
          directory.file(this, file.name.replaceAll(".", "-"), written(file, secrets)),
        ]),
    ]);
    const volumes = new Map(
      parts
        .filter((part) => part.data === part.name)
        .map((part) => [part.name, new HarborVolume(`harbor-${part.name}-${place.name}`, { host, part }, { parent: this })]),
    );
    const running = new Map<HarborPartName, ServiceContainer>();
    for (const part of parts) running.set(part.name, this.#run(part, { ...args, harbor, files, volumes, running }));
    this.service = {
      port: platformPorts.registry,
      servers: [{ name: place.name, address: place.addresses.management, port: platformPorts.registry }],
      check: { scheme: "https", path: corePing },
      serves: "all",
    };
    this.registerOutputs({ probes: [...files.values()].map(({ probe }) => probe) });
  }

  #run(part: HarborPart, { host, image, harbor, files, volumes, running }: Running): ServiceContainer {
    const { name, data, memory, health, after, user } = part;
    const read = [...part.files.map((file) => file.name), ...part.reads].map((file) => known(files, file));
    const volume = data === undefined ? [] : [known(volumes, data)];
    const { id } = serviceAccount;
    return new ServiceContainer(
      `harbor-${name}-${host.place.name}`,
      {
        ...{ host, service: `harbor-${name}`, image: image(`harbor-${name}`), user: `${user}:${id}` },
        ...(part.entrypoint !== undefined && { entrypoint: part.entrypoint }),
        ...(part.command && { command: [...part.command] }),
        ...(part.environment && { environment: part.environment }),
        ...(part.stopSignal && { stopSignal: part.stopSignal }),
        configurationDigests: read.map(({ digest }) => digest),
        ...{ memoryMib: memoryMibOfPart(harbor, part), graceSeconds: part.graceSeconds },
        mounts: volume.map(({ mount }) => mount),
        ...(memory.length > 0 && { tmpfs: Object.fromEntries(memory.map((path) => [path, `uid=${user},gid=${id},mode=0700`])) }),
        healthcheck: { command: health.command, everySeconds: 10, timeoutSeconds: 5, startSeconds: health.startSeconds },
      },
      { parent: this, after: [...read, ...volume, ...after.map((other) => known(running, other))] },
    );
  }
}

interface Running extends Pick<HarborRegistryArgs, "host" | "image"> {
  readonly harbor: SiteHarbor;
  readonly files: ReadonlyMap<string, HostFile>;
  readonly volumes: ReadonlyMap<HarborPartName, HarborVolume>;
  readonly running: ReadonlyMap<HarborPartName, ServiceContainer>;
}

function known<K extends string, V>(made: ReadonlyMap<K, V>, name: K): V {
  const one = made.get(name);
  if (one === undefined) throw new Error(`harbor: ${name} is needed before it is there; move it up in harborPartNames`);
  return one;
}

function written(file: HarborFile, secrets: pulumi.Output<HarborSecrets>): Parameters<ServiceDirectory["file"]>[2] {
  const common = { path: harborFile(file.name), ...(file.check !== undefined && { check: file.check }) };
  return "content" in file
    ? { ...common, content: file.content }
    : { ...common, content: secrets.apply(file.secret), ...forServices };
}

function secretsOf(credentials: Credentials, host: string): pulumi.Output<HarborSecrets> {
  const own = harborPasswords.map((name) => credentials.password(harborPassword(name)).apply((text) => [name, text] as const));
  return pulumi
    .all([
      pulumi.all(own),
      credentials.password(hashName(harborPassword("storage"))),
      credentials.password(registryPassword("monitoring")),
      credentials.privateKey(harborTokenKey),
      pemOf(credentials.issued(`registry-${host}`)),
    ])
    .apply(([passwords, storageHash, monitoring, tokenKey, certificate]) => ({
      ...(Object.fromEntries(passwords) as Record<HarborPassword, string>),
      ...{ storageHash, monitoring, tokenKey, certificate },
    }));
}
