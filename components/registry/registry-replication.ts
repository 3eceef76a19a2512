import * as pulumi from "@pulumi/pulumi";
import { registryPassword, replicationAccount } from "../../environments/model/registry.ts";
import { serviceAccount } from "../../environments/model/service-account.ts";
import type { DataVolume } from "../host/data-volume.ts";
import type { Host } from "../host/host.ts";
import { checks, forServices } from "../host/host-file.ts";
import { ServiceContainer } from "../host/service-container.ts";
import { ServiceDirectory } from "../host/service-directory.ts";
import type { Credentials } from "../trust/credentials.ts";
import { memoryMibOf } from "./registry.render.ts";
import {
  replicationPaths as paths,
  type Replication,
  renderEvent,
  renderLogin,
  renderReplication,
  renderRequest,
} from "./replication.render.ts";

export interface RegistryReplicationArgs extends Replication {
  readonly host: Host;
  /** Of the registry. */
  readonly data: DataVolume;
  readonly credentials: Credentials;
  /** With bash, curl, jq, skopeo and socat. */
  readonly image: string;
}

/**
 * Fills the standby site's registry: declared at the active site alone, and the other one lets its account in at the standby alone, so that there are never two
 * directions.
 */
export class RegistryReplication extends pulumi.ComponentResource {
  constructor(name: string, args: RegistryReplicationArgs, options?: pulumi.ComponentResourceOptions) {
    super("tandem:registry:RegistryReplication", name, {}, options);
    const { host, data, credentials, image } = args;
    const { place } = host;
    const password = credentials.password(registryPassword(replicationAccount));
    const directory = new ServiceDirectory(
      `registry-replication-${place.name}`,
      { host, service: "registry-replication" },
      { parent: this },
    );
    const login = password.apply((text) => renderLogin(args, text));
    const files = [
      directory.file(this, "run", { path: paths.run, content: renderReplication(args), check: checks.bash }),
      directory.file(this, "event", { path: paths.event, content: renderEvent(), check: checks.bash }),
      directory.file(this, "authorities", { path: paths.authorities, content: credentials.authorities("platform") }),
      directory.file(this, "login", { path: paths.login, content: login, ...forServices }),
      directory.file(this, "request", { path: paths.request, content: password.apply(renderRequest), ...forServices }),
    ];
    const { id } = serviceAccount;
    new ServiceContainer(
      `registry-replication-${place.name}`,
      {
        ...{ host, service: "registry-replication", image, entrypoint: "bash", command: [paths.run] },
        configurationDigests: files.map(({ digest }) => digest),
        ...{ memoryMib: memoryMibOf(place, "replication"), graceSeconds: 10, user: `${id}:${id}`, mounts: [data.mount] },
        tmpfs: { [paths.runtime]: `uid=${id},gid=${id},mode=0700`, "/var/tmp": `uid=${id},gid=${id},mode=0700` },
      },
      { parent: this, after: files },
    );
    this.registerOutputs({ probes: files.map(({ probe }) => probe) });
  }
}
