import type { ResourceRule } from "../rule.ts";
import { cisDocker } from "../sources.ts";
import { container, serviceOf } from "../subjects.ts";

const files = ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_FSETID", "CAP_SETGID", "CAP_SETUID"];

/** Reviewed, by service: what it can't do its work without. */
const reviewed: Readonly<Record<string, readonly string[]>> = {
  // Addresses of the VIP, and VRRP packets.
  keepalived: ["CAP_NET_ADMIN", "CAP_NET_RAW"],
  // The kernel's table of connections.
  conntrackd: ["CAP_NET_ADMIN"],
  // The kernel's log of dropped packets.
  ulogd: ["CAP_NET_ADMIN"],
  // Port 53.
  coredns: ["CAP_NET_BIND_SERVICE"],
  // Acts on files as whoever asks.
  nas: files,
  // Keeps owners and rights, and answers on a port below 1024.
  "nas-replication": [...files, "CAP_NET_BIND_SERVICE"],
};

export const rule: ResourceRule = {
  name: "container-must-drop-capabilities",
  holds: "A container drops all capabilities, and gets those back that were reviewed for its service",
  source: cisDocker("5.4"),
  level: "mandatory",
  types: [container],
  *check(resource) {
    const { adds = [], drops = [] } = resource.inputs["capabilities"] ?? {};
    if (!drops.includes("ALL"))
      yield {
        at: ["capabilities", "drops"],
        what: "the container keeps what Docker gives every container",
        given: drops.join(", ") || "none dropped",
        allowed: "ALL",
        fix: "drop ALL and add what the service needs",
      };
    const allowed = reviewed[serviceOf(resource) ?? ""] ?? [];
    const more = (adds as readonly string[]).filter((each) => !allowed.includes(each));
    if (more.length > 0)
      yield {
        at: ["capabilities", "adds"],
        what: `nobody has reviewed these for ${serviceOf(resource) ?? "a container that is no service of ours"}`,
        given: more.join(", "),
        allowed: allowed.join(", ") || "none",
        fix: "do without, or have it reviewed and add it to policies/rules/container-must-drop-capabilities.ts with its reason",
      };
  },
};
