import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { FlowRow } from "../../environments/model/flows/table.ts";
import { serviceAccount } from "../../environments/model/service-account.ts";
import { planes, type Site, type Topology, type Zone } from "../../environments/model/topology.ts";
import type { Host } from "../host/host.ts";
import { HostFile } from "../host/host-file.ts";
import { ServiceContainer } from "../host/service-container.ts";
import { ServiceDirectory } from "../host/service-directory.ts";
import { type Before, holderLast, serving } from "../host/turns.ts";
import { gatewayDevices } from "./devices.render.ts";
import { renderGatewayRules } from "./gateway.render.ts";
import {
  gatewayKeepalivedCommand,
  gatewayPaths,
  renderGatewayKeepalived,
  renderGatewayServes,
} from "./gateway-keepalived.render.ts";
import { PacketFilter } from "./packet-filter.ts";

export interface ZoneGatewayArgs {
  readonly topology: Topology;
  readonly site: Site;
  readonly zone: Zone;
  /** The gateways that are in service: two, or the one that is left. */
  readonly hosts: readonly Host[];
  /** The whole table: what passes between other zones' hosts is judged here, too. */
  readonly table: readonly FlowRow[];
  readonly images: {
    /** keepalived 2.2 or newer. */
    readonly keepalived: string;
  };
}

/** Of keepalived's container. */
const keepalivedMemoryMib = 32;

/**
 * The only way out of a zone: two hosts that hold the zone's address on each plane, on the core network and on the link together, and let pass what
 * the table permits. A change comes to the one that does not hold them first, and to the other one when the first serves with it.
 */
export class ZoneGateway extends pulumi.ComponentResource {
  /** Known when both gateways serve. */
  readonly serving: pulumi.Output<undefined>;

  constructor(name: string, args: ZoneGatewayArgs, options?: pulumi.ComponentResourceOptions) {
    if (args.hosts.length === 0) throw new Error(`${name}: no gateway is in service; a zone has two`);
    super("tandem:network:ZoneGateway", name, {}, options);
    const { topology, site, zone, hosts, table } = args;
    const addresses = planes.map((plane) => zone.planes[plane].gateway);
    const pair = { hosts, addresses, renderServes: renderGatewayServes };

    const rules = renderGatewayRules(topology, site, zone, gatewayDevices(topology, zone), table);
    const filters = holderLast(pair, (host, before) => [
      new PacketFilter(`packet-filter-${host.place.name}`, { host, rules }, { parent: this, dependsOn: before }).file,
    ]);
    const files = holderLast(pair, (host, before) => this.#files(host, args, withOwn(before, filters.get(host))));
    const services = holderLast(pair, (host, before) => [
      this.#keepalived(host, args, files.get(host) ?? [], withOwn(before, files.get(host))),
    ]);
    this.serving = serving(pair, services);
    this.registerOutputs({ probes: [...files.values()].flat().map(({ probe }) => probe), serving: this.serving });
  }

  #files(host: Host, { topology, zone }: ZoneGatewayArgs, before: Before): HostFile[] {
    const { place } = host;
    const directory = new ServiceDirectory(`gateway-${place.name}`, { host, service: "gateway" }, { parent: this });
    return [
      new HostFile(
        `gateway-keepalived-${place.name}`,
        {
          ...{ host, path: gatewayPaths.keepalived, owner: `root:${serviceAccount.name}`, mode: "0640" },
          content: renderGatewayKeepalived(zone, place, gatewayDevices(topology, zone), topology.timings),
        },
        { parent: this, dependsOn: withOwn(before, [directory]) },
      ),
    ];
  }

  /** Read at its start alone: what it reads changes with the layout of networks, and a container that is replaced hands its addresses over first. */
  #keepalived(host: Host, { images }: ZoneGatewayArgs, files: readonly HostFile[], before: Before): docker.Container {
    const { container } = new ServiceContainer(
      `keepalived-${host.place.name}`,
      {
        ...{ host, service: "keepalived", image: images.keepalived, command: [...gatewayKeepalivedCommand] },
        ...{ memoryMib: keepalivedMemoryMib, graceSeconds: 5, user: "0:0" },
        configurationDigests: files.map(({ digest }) => digest),
        // Its own VRRP packets and the zone's addresses on its host's interfaces.
        capabilities: ["CAP_NET_ADMIN", "CAP_NET_RAW"],
        tmpfs: { [gatewayPaths.runtime]: "mode=0700" },
      },
      { parent: this, after: before },
    );
    return container;
  }
}

const withOwn = (before: Before, own: readonly pulumi.Resource[] = []): Before => before.then((others) => [...others, ...own]);
