import * as pulumi from "@pulumi/pulumi";
import type { Topology, Zone } from "../../environments/model/topology.ts";
import type { Host } from "../host/host.ts";
import { HostFile } from "../host/host-file.ts";
import { renderResolver } from "./zone-names.render.ts";

export interface HostResolverArgs {
  readonly host: Host;
  readonly topology: Topology;
  readonly zone: Zone;
}

/** Whom a host's programs ask for names: its zone's gateways. */
export class HostResolver extends pulumi.ComponentResource {
  constructor(name: string, args: HostResolverArgs, options?: pulumi.ComponentResourceOptions) {
    super("tandem:network:HostResolver", name, {}, { parent: args.host, ...options });
    const { host, topology, zone } = args;
    const { place } = host;
    const file = new HostFile(
      `resolver-${place.name}`,
      { host, path: "/etc/resolv.conf", content: renderResolver(zone, topology) },
      { parent: this },
    );
    this.registerOutputs({ host: place.name, probes: [file.probe] });
  }
}
