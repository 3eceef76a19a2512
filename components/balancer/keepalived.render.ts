import type { Host, Timings, Vip } from "../../environments/model/topology.ts";
import { balancerDirectory, balancerPaths, managedHeader, watchOf } from "./balancer.render.ts";

/** Near the highest that VRRP knows: the higher, the sooner a host takes over. The first holder wins where both hold a VIP. */
const highestPriority = 250;

/** What all VIPs of a host have in common: they leave it when its HAProxy does not answer. */
export function renderKeepalived(host: Host, timings: Timings): string {
  const { fastIntervalMs, answerMs, fall } = watchOf(timings);
  return `${managedHeader}
# How its container watches HAProxy:
# watch-every-seconds ${fastIntervalMs / 1000}
# watch-answer-seconds ${answerMs / 1000}
# watch-fall ${fall}
global_defs {
  router_id ${host.name}
  vrrp_version 3
  vrrp_check_unicast_src
}

track_file haproxy {
  file ${balancerPaths.health}
  weight 0
}

include ${balancerDirectory}/vip-*.conf
`;
}

/**
 * One VIP. Neither host is its home: it stays where it is until that host fails, so that nothing moves twice. VRRP packets take the VIP's
 * own plane, between the two hosts alone: a cable that is cut there moves it.
 */
export function renderVip(vip: Vip, host: Host, peers: readonly Host[], device: string, timings: Timings): string {
  return `${managedHeader}
vrrp_instance ${vip.name} {
  state BACKUP
  nopreempt
  interface ${device}
  virtual_router_id ${vip.vrid}
  priority ${highestPriority - vip.holders.indexOf(host.name)}
  advert_int ${timings.vrrpAdvertSeconds}
  unicast_src_ip ${host.addresses[vip.plane]}
  unicast_peer {
${peers.map(({ addresses }) => `    ${addresses[vip.plane]}`).join("\n")}
  }
  virtual_ipaddress {
    ${vip.address}/32 dev ${device}
  }
  track_file {
    haproxy
  }
}
`;
}
