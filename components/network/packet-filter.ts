import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import type { FlowRow } from "../../environments/model/flows/table.ts";
import type { Topology, Zone } from "../../environments/model/topology.ts";
import type { Host } from "../host/host.ts";
import { HostCommand } from "../host/host-command.ts";
import { HostFile } from "../host/host-file.ts";
import { hostDevices } from "./devices.render.ts";
import { renderHostRules } from "./host-rules.render.ts";
import { kernelExpected, renderApply, renderKeep, renderKernelProbe, rulesFile } from "./packet-filter.render.ts";

export interface PacketFilterArgs {
  /** A host that is no gateway. */
  readonly host: Host;
  readonly topology: Topology;
  readonly zone: Zone;
  /** The rows that lead to it. */
  readonly received: readonly FlowRow[];
}

/** A host's packet filter: checked, taken up whole, and kept only when the host can be reached anew under it. */
export class PacketFilter extends pulumi.ComponentResource {
  constructor(name: string, args: PacketFilterArgs, options?: pulumi.ComponentResourceOptions) {
    super("tandem:network:PacketFilter", name, {}, { parent: args.host, ...options });
    const { host, topology, zone, received } = args;
    const rules = renderHostRules(topology, zone, host.place, hostDevices(topology, zone), received);
    const file = new HostFile(
      `rules-${host.place.name}`,
      { host, path: rulesFile, content: rules, mode: "0600", check: 'nft --check --file "$candidate"', reload: renderApply() },
      { parent: this },
    );
    const kept = new HostCommand(
      `rules-kept-${host.place.name}`,
      {
        host,
        script: renderKeep(createHash("sha256").update(rules).digest("hex")),
        probe: { what: "packet filter in the kernel", command: renderKernelProbe(), expected: kernelExpected },
      },
      { parent: this, dependsOn: file },
    );
    this.registerOutputs({ host: host.place.name, probes: [file.probe, kept.probe] });
  }
}
