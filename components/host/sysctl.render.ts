import type { Host, HostRole } from "../../environments/model/topology.ts";
import { managed } from "../managed.render.ts";

/** Every host: no forwarding, strict about sources, no redirects. A gateway and a worker (for its own pods) forward. */
const common: Readonly<Record<string, string>> = {
  "net.ipv4.conf.all.accept_redirects": "0",
  "net.ipv4.conf.all.accept_source_route": "0",
  // A host answers for an address only on the plane that the address belongs to.
  "net.ipv4.conf.all.arp_announce": "2",
  "net.ipv4.conf.all.arp_ignore": "1",
  "net.ipv4.conf.all.rp_filter": "1",
  "net.ipv4.conf.all.send_redirects": "0",
  "net.ipv4.ip_forward": "0",
  "net.ipv4.tcp_keepalive_intvl": "15",
  "net.ipv4.tcp_keepalive_probes": "4",
  "net.ipv4.tcp_keepalive_time": "60",
};

/** What listens on port 443 runs without root's rights: https://docs.kernel.org/networking/ip-sysctl.html */
const httpsWithoutRoot = { "net.ipv4.ip_unprivileged_port_start": "443" } as const;

const ofRole: Readonly<Record<HostRole, Readonly<Record<string, string>>>> = {
  // Loose about sources: what is for the one of a pair may come through the other one. Its rules know where each sender lives.
  gateway: { "net.ipv4.conf.all.rp_filter": "2", "net.ipv4.ip_forward": "1", "net.ipv4.ip_nonlocal_bind": "1" },
  balancer: { "net.core.somaxconn": "8192", "net.ipv4.ip_nonlocal_bind": "1", ...httpsWithoutRoot },
  "control-plane": { "net.core.somaxconn": "4096" },
  database: { "net.core.somaxconn": "4096", "vm.swappiness": "1" },
  nas: {},
  // While the other site does not answer, a connection is given up after some 15 s at the most, not 2 min, and what is under way on one after some 100 s, not 15 min.
  registry: { "net.core.somaxconn": "4096", "net.ipv4.tcp_retries2": "8", "net.ipv4.tcp_syn_retries": "3", ...httpsWithoutRoot },
  worker: {
    "net.ipv4.ip_forward": "1",
    "vm.max_map_count": "262144",
    // What the kubelet asks for (protectKernelDefaults): https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/
    "kernel.keys.root_maxbytes": "25000000",
    "kernel.keys.root_maxkeys": "1000000",
    "kernel.panic": "10",
    "kernel.panic_on_oops": "1",
    "vm.overcommit_memory": "1",
    "vm.panic_on_oom": "0",
  },
};

/** The kernel settings of a host, by its role. */
export function hostSysctls(host: Host): Readonly<Record<string, string>> {
  return { ...common, ...ofRole[host.role] };
}

export function renderSysctl(host: Host): string {
  const settings = Object.entries(hostSysctls(host)).sort(([a], [b]) => (a < b ? -1 : 1));
  return [`# ${managed}`, ...settings.map(([key, value]) => `${key} = ${value}`), ""].join("\n");
}
