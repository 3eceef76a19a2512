import type { Topology } from "../../environments/model/topology.ts";

/** Time sources of a host; `rtcsync` and the first big step are in Debian's own chrony.conf. */
export function renderChrony(topology: Topology): string {
  return [
    "# Managed by Tandem: changes by hand are found and reported.",
    ...topology.time.servers.map((server) => `server ${server} iburst`),
    "",
  ].join("\n");
}
