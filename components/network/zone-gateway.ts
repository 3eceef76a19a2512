import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { FlowRow } from "../../environments/model/flows/table.ts";
import { planes, type Site, type Topology, type Zone } from "../../environments/model/topology.ts";
import type { Host } from "../host/host.ts";
import { forServices, HostFile } from "../host/host-file.ts";
import { LogDirectory } from "../host/log-directory.ts";
import { ServiceContainer, type ServiceContainerArgs } from "../host/service-container.ts";
import { ServiceDirectory } from "../host/service-directory.ts";
import { type Before, holderLast, serving } from "../host/turns.ts";
import { connectionStatesCommand, renderConnectionStates } from "./connection-states.render.ts";
import { gatewayDevices } from "./devices.render.ts";
import { droppedLogDirectory, renderDroppedLog, renderStartDroppedLog } from "./dropped-log.render.ts";
import { renderGatewayRules } from "./gateway.render.ts";
import {
  type GatewayService,
  gatewayKeepalivedCommand,
  gatewayPaths,
  gatewayServices,
  renderGatewayKeepalived,
  renderGatewayServes,
} from "./gateway-keepalived.render.ts";
import { PacketFilter } from "./packet-filter.ts";
import { nameServerCommand, renderNameServer, renderZoneNames } from "./zone-names.render.ts";

export interface ZoneGatewayArgs {
  readonly topology: Topology;
  readonly site: Site;
  readonly zone: Zone;
  /** The gateways that are in service: two, or the one that is left. */
  readonly hosts: readonly Host[];
  /** Those of the zone's gateways: what passes between other zones' hosts is judged by the platform zone's, too. */
  readonly rows: readonly FlowRow[];
  /** keepalived 2.2 or newer; conntrackd 1.4.6 or newer; ulogd 2.0.8 or newer with sh, date, find, gzip and sleep; CoreDNS 1.11 or newer. */
  readonly images: Readonly<Record<GatewayService, string>>;
}

/** What its services read, and which of them; in the order in which they are written. */
const gatewayFiles = [
  { name: "keepalived", reader: "keepalived" },
  { name: "conntrackd", reader: "conntrackd" },
  { name: "ulogd", reader: "ulogd" },
  { name: "coredns", reader: "coredns" },
  { name: "names", reader: "coredns" },
] as const satisfies readonly { readonly name: string; readonly reader: GatewayService }[];
type GatewayFile = (typeof gatewayFiles)[number]["name"];

/** conntrackd has connections, in its own list and in messages on their way. */
const memoryMib: Readonly<Record<GatewayService, number>> = { keepalived: 32, ulogd: 32, conntrackd: 128, coredns: 96 };

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
    const { topology, site, zone, hosts, rows } = args;
    const addresses = planes.map((plane) => zone.planes[plane].gateway);
    const pair = { hosts, addresses, renderServes: renderGatewayServes };

    const rules = renderGatewayRules(topology, site, zone, gatewayDevices(topology, zone), rows);
    const filters = holderLast(pair, (host, before) => [
      new PacketFilter(`packet-filter-${host.place.name}`, { host, rules }, { parent: this, dependsOn: before }).file,
    ]);
    const files = holderLast(pair, (host, before) => this.#files(host, args, withOwn(before, filters.get(host))));
    const services = holderLast(pair, (host, before) =>
      this.#services(host, args, files.get(host) ?? [], withOwn(before, files.get(host))),
    );
    this.serving = serving(pair, services);
    this.registerOutputs({ probes: [...files.values()].flat().map(({ probe }) => probe), serving: this.serving });
  }

  /** In the order of `gatewayFiles`. */
  #files(host: Host, { topology, zone, rows }: ZoneGatewayArgs, before: Before): HostFile[] {
    const { place } = host;
    const devices = gatewayDevices(topology, zone);
    const directory = new ServiceDirectory(`gateway-${place.name}`, { host, service: "gateway" }, { parent: this });
    const contents: Readonly<Record<GatewayFile, { readonly path: string; readonly content: string }>> = {
      keepalived: { path: gatewayPaths.keepalived, content: renderGatewayKeepalived(zone, place, devices, topology.timings) },
      conntrackd: { path: gatewayPaths.connectionStates, content: renderConnectionStates(zone, place, devices) },
      ulogd: { path: gatewayPaths.droppedLog, content: renderDroppedLog() },
      coredns: { path: gatewayPaths.nameServer, content: renderNameServer(topology, zone) },
      names: { path: gatewayPaths.names, content: renderZoneNames(topology, zone, rows) },
    };
    return gatewayFiles.map(
      (file) =>
        new HostFile(
          `gateway-${file.name}-${place.name}`,
          { host, ...forServices, ...contents[file.name] },
          { parent: this, dependsOn: withOwn(before, [directory]) },
        ),
    );
  }

  /**
   * They read their configuration at their start alone: it changes with the layout of networks, and one that is replaced hands its addresses over
   * before it ends.
   */
  #services(host: Host, { topology, images }: ZoneGatewayArgs, files: readonly HostFile[], before: Before): docker.Container[] {
    const { name } = host.place;
    const log = new LogDirectory(
      `dropped-log-${name}`,
      { host, service: "dropped-log", path: droppedLogDirectory, owner: "root" },
      { parent: this },
    );
    const own: { [S in GatewayService]: Pick<ServiceContainerArgs, "command" | "capabilities" | "mounts"> } = {
      // Its own VRRP packets and the zone's addresses on its host's interfaces.
      keepalived: { command: [...gatewayKeepalivedCommand], capabilities: ["CAP_NET_ADMIN", "CAP_NET_RAW"] },
      // The kernel's table of connections, and what its rules log.
      conntrackd: { command: [...connectionStatesCommand], capabilities: ["CAP_NET_ADMIN"] },
      ulogd: {
        command: ["sh", "-c", renderStartDroppedLog(topology.logs.networkDays)],
        capabilities: ["CAP_NET_ADMIN"],
        mounts: [log.mount],
      },
      coredns: { command: [...nameServerCommand], capabilities: ["CAP_NET_BIND_SERVICE"] },
    };
    return gatewayServices.map((service) => {
      const read = files.filter((_, index) => gatewayFiles[index]?.reader === service);
      const { container } = new ServiceContainer(
        `${service}-${name}`,
        {
          ...{ host, service, image: images[service], memoryMib: memoryMib[service], graceSeconds: 5, user: "0:0" },
          ...own[service],
          configurationDigests: read.map(({ digest }) => digest),
          tmpfs: { [gatewayPaths.runtime]: "mode=0700" },
        },
        { parent: this, after: before },
      );
      return container;
    });
  }
}

const withOwn = (before: Before, own: readonly pulumi.Resource[] = []): Before => before.then((others) => [...others, ...own]);
