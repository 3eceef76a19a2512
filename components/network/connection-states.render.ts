import { gatewayPorts } from "../../environments/model/ports.ts";
import { type Host, planes, uplinksOf, type Zone } from "../../environments/model/topology.ts";
import { managed } from "../managed.render.ts";
import type { GatewayDevices } from "./gateway.render.ts";
import { gatewayPaths } from "./gateway-keepalived.render.ts";

/** Connections that a gateway remembers, and the hash that they are found by. */
const mostConnections = 131_072;

/**
 * A gateway tells the other one at once of each connection that passes, and that one's kernel takes it up at once: there is nothing left to do when
 * it takes the zone's addresses over, however the first one ended. What a gateway talks about itself is not passed on.
 */
export function renderConnectionStates(zone: Zone, host: Host, devices: GatewayDevices): string {
  const gateways = zone.hosts.filter(({ role }) => role === "gateway");
  const other = gateways.find(({ name }) => name !== host.name);
  if (!other) throw new Error(`${host.name}: it has no other gateway to tell of its connections`);
  const own = gateways.flatMap((gateway) => [
    ...planes.map((plane) => gateway.addresses[plane]),
    ...uplinksOf(zone, gateway).map(({ ownAddress }) => ownAddress),
  ]);
  return `# ${managed}
Sync {
  Mode FTFW {
    DisableExternalCache yes
    StartupResync yes
  }
  UDP {
    IPv4_address ${host.addresses.management}
    IPv4_Destination_Address ${other.addresses.management}
    Port ${gatewayPorts.connectionStates}
    Interface ${devices.management}
    Checksum on
  }
}
General {
  HashSize ${mostConnections / 4}
  HashLimit ${mostConnections}
  LockFile ${gatewayPaths.runtime}/conntrackd.lock
  UNIX {
    Path ${gatewayPaths.runtime}/conntrackd.ctl
  }
  NetlinkBufferSize 2097152
  NetlinkBufferSizeMaxGrowth 8388608
  Filter From Userspace {
    Address Ignore {
      IPv4_address 127.0.0.1
${own.map((address) => `      IPv4_address ${address}`).join("\n")}
    }
  }
}
`;
}

export const connectionStatesCommand: readonly string[] = ["conntrackd", "-C", gatewayPaths.connectionStates];
