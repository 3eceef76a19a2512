import Table from "cli-table3";
import { type Failure, failures, outageClients, outageOf, outageSeconds } from "../../environments/model/outages.ts";
import type { Topology } from "../../environments/model/topology.ts";

const plain = { style: { head: [], border: [] }, chars: { mid: "", "left-mid": "", "mid-mid": "", "right-mid": "" } };

/** The longest outage of each single failure, and what it is made of. */
export function renderOutages({ platform, availability, timings }: Topology): string {
  const table = new Table({ head: ["failure", "client", "seconds", "made of"], colAligns: ["left", "left", "right"], ...plain });
  for (const [failure, what] of Object.entries(failures) as [Failure, string][]) {
    const outage = outageOf(failure, timings);
    const clients = outageClients.filter((client) => outage[client]);
    if (clients.length === 0) table.push([what, "", "0", "no client's path leads through it"]);
    clients.forEach((client, index) => {
      const [first = "", ...others] = (outage[client] ?? []).map((part) => `${part.seconds}  ${part.what}`);
      table.push(
        [index === 0 ? what : "", client, outageSeconds(outage, client), first],
        ...others.map((part) => ["", "", "", part]),
      );
    });
  }
  return `${platform}: availability ${availability}; the longest outage of a single failure, as each client sees it\n${table.toString()}\n`;
}
