import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import type { FlowRow } from "../../environments/model/flows/table.ts";
import type { Host as HostPlace, Topology, Zone } from "../../environments/model/topology.ts";
import type { Host } from "../host/host.ts";
import { notLoaded } from "../host/host-file.render.ts";
import { HostFile } from "../host/host-file.ts";
import { hostDevices } from "./devices.render.ts";
import { renderHostRules } from "./host-rules.render.ts";
import { reachedWithinSeconds, renderApply, renderLoaded, rulesFile } from "./packet-filter.render.ts";

export interface PacketFilterArgs {
  readonly host: Host;
  /** The whole text. */
  readonly rules: string;
}

/** The rules of a host that is no gateway, from the rows that lead to it. */
export const hostRules = (topology: Topology, zone: Zone, host: HostPlace, received: readonly FlowRow[]): string =>
  renderHostRules(topology, zone, host, hostDevices(topology, zone), received);

/** A host's packet filter: checked, taken up whole, and kept only when the host can be reached anew under it. */
export class PacketFilter extends pulumi.ComponentResource {
  readonly file: HostFile;

  constructor(name: string, args: PacketFilterArgs, options?: pulumi.ComponentResourceOptions) {
    super("tandem:network:PacketFilter", name, {}, { parent: args.host, ...options });
    const { host, rules } = args;
    const loaded = renderLoaded(createHash("sha256").update(rules).digest("hex"));
    this.file = new HostFile(
      `rules-${host.place.name}`,
      {
        ...{ host, path: rulesFile, content: rules, mode: "0600" },
        ...{ check: 'nft --check --file "$candidate"', reload: renderApply(), loaded },
      },
      { parent: this },
    );
    const reached = this.file.id.apply(async () => {
      if (!pulumi.runtime.isDryRun()) await reach(host, loaded);
      return true;
    });
    this.registerOutputs({ host: host.place.name, probes: [this.file.probe], reached });
  }
}

/** Not a resource: it has to hold in every run, also after one that ended before it came to this. */
async function reach(host: Host, loaded: string): Promise<void> {
  const { name } = host.place;
  const said = await host.ask(`${loaded} || echo ${notLoaded}`).catch((error: Error) => {
    throw new Error(
      `${name}: it could not be asked under its new packet filter rules (${error.message}). If nobody reaches it for ` +
        `${reachedWithinSeconds} s, its last good rules are back. Mend the flows that lead to it: npm run flows -- matrix`,
    );
  });
  if (said !== "")
    pulumi.log.warn(
      `${name}: its packet filter is not as declared; look: npm run drift, put it right: npm run drift -- --repair`,
    );
}
