import type { Timings } from "../../environments/model/topology.ts";

/** An address that one of two hosts holds, as one of them sees it. */
export interface HeldAddress {
  /** Of its instance, as in `database`. */
  readonly name: string;
  readonly address: string;
  readonly device: string;
  /** Virtual router id, unique on the network. */
  readonly vrid: number;
  /** This host's own address on that network, and those of the others. */
  readonly own: string;
  readonly peers: readonly string[];
  /** The host's place among those that can hold it: the first wins where both do. */
  readonly place: number;
  /** Name of a track_file that takes the address away. */
  readonly follows?: string;
}

/** Near the highest that VRRP knows: the higher, the sooner a host takes over. */
const highestPriority = 250;

/**
 * What all addresses of a host have in common. Where both hosts held an address, one keeps it, and neighbours may still send to the other: the one that gives it
 * up advertises once more, so that the one that keeps it hears that there were two, and announces it. No announcement at intervals: while both hold an address,
 * it would move with each of them.
 */
export const renderGlobals = (host: string): string => `global_defs {
  router_id ${host}
  vrrp_version 3
  vrrp_check_unicast_src
  vrrp_higher_prio_send_advert true
}
`;

/**
 * Neither host is the address's home: it stays where it is until that host fails, so that nothing moves twice. VRRP packets take the address's
 * own network, between the two hosts alone: a cable that is cut there moves it.
 */
export const renderInstance = (held: HeldAddress, { vrrpAdvertSeconds }: Timings): string => `vrrp_instance ${held.name} {
  state BACKUP
  nopreempt
  interface ${held.device}
  virtual_router_id ${held.vrid}
  priority ${highestPriority - held.place}
  advert_int ${vrrpAdvertSeconds}
  unicast_src_ip ${held.own}
  unicast_peer {
${held.peers.map((address) => `    ${address}`).join("\n")}
  }
  virtual_ipaddress {
    ${held.address}/32 dev ${held.device}
  }
${held.follows === undefined ? "" : `  track_file {\n    ${held.follows}\n  }\n`}}
`;
