import type { Topology } from "../../environments/model/topology.ts";
import { managed } from "../managed.render.ts";

/** Time sources of a host; `rtcsync` and the first big step are in Debian's own chrony.conf. */
export function renderChrony(topology: Topology): string {
  return [`# ${managed}`, ...topology.time.servers.map((server) => `server ${server} iburst`), ""].join("\n");
}
