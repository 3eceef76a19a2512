import * as pulumi from "@pulumi/pulumi";
import type { FlowRow } from "../../environments/model/flows/table.ts";
import type { Site, Topology, Zone } from "../../environments/model/topology.ts";
import { type Host, ifThere } from "../host/host.ts";
import { HostFile } from "../host/host-file.ts";
import { gatewayDevices, hostDevices } from "./devices.render.ts";
import { gatewayRouting, hostRouting, renderRoutes, routesFile } from "./routes.render.ts";

export interface HostRoutesArgs {
  readonly host: Host;
  readonly topology: Topology;
  readonly site: Site;
  readonly zone: Zone;
  /** Those of the zone's gateways. */
  readonly rows: readonly FlowRow[];
  /** The rows that the host sends or receives. */
  readonly own: readonly FlowRow[];
}

/** A host's ways out of its zone, now and after every boot. */
export class HostRoutes extends pulumi.ComponentResource {
  constructor(name: string, args: HostRoutesArgs, options?: pulumi.ComponentResourceOptions) {
    super("tandem:network:HostRoutes", name, {}, { parent: args.host, ...options });
    const { host, topology, site, zone, rows, own } = args;
    const { place } = host;
    const routing =
      place.role === "gateway"
        ? gatewayRouting(topology, site, zone, place, gatewayDevices(topology, zone), rows)
        : hostRouting(topology, zone, place, hostDevices(topology, zone), own);
    const file = new HostFile(
      `routes-${place.name}`,
      {
        ...{ host, path: routesFile, content: renderRoutes(routing), mode: "0755" },
        check: 'sh -n "$candidate"',
        reload: ifThere(routesFile, `sh ${routesFile}`),
        loaded: `[ -z "$(sh ${routesFile} differing)" ]`,
      },
      { parent: this },
    );
    this.registerOutputs({ host: place.name, probes: [file.probe] });
  }
}
