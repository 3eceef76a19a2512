import type { Host, Timings, Vip } from "../../environments/model/topology.ts";
import { managed } from "../managed.render.ts";
import { renderGlobals, renderInstance } from "../network/vrrp.render.ts";
import { balancerDirectory, balancerPaths, watchOf } from "./balancer.render.ts";

/** What all VIPs of a host have in common: they leave it when its HAProxy does not answer. */
export function renderKeepalived(host: Host, timings: Timings): string {
  const { fastIntervalMs, answerMs, fall } = watchOf(timings);
  return `# ${managed}
# How its container watches HAProxy:
# watch-every-seconds ${fastIntervalMs / 1000}
# watch-answer-seconds ${answerMs / 1000}
# watch-fall ${fall}
${renderGlobals(host.name)}
track_file haproxy {
  file ${balancerPaths.health}
  weight 0
}

include ${balancerDirectory}/vip-*.conf
`;
}

/** One VIP, in a file of its own. */
export function renderVip(vip: Vip, host: Host, peers: readonly Host[], device: string, timings: Timings): string {
  const { name, address, vrid, plane } = vip;
  const held = {
    ...{ name, address, vrid, device, own: host.addresses[plane] },
    peers: peers.map(({ addresses }) => addresses[plane]),
    place: vip.holders.indexOf(host.name),
    follows: "haproxy",
  };
  return `# ${managed}\n${renderInstance(held, timings)}`;
}
