import { type Probe, probePorts } from "./probes.ts";

/** The source port of what a host sends by some means. Pure. */
export type SourcePort = (host: string, probe: Pick<Probe, "source" | "means">) => number;

/**
 * Source ports tell a sender and its means: no other sender has the same one, because two may forge the same address. What needs no means leaves by
 * the first port, by the sender's own address.
 */
export function sourcePorts(): SourcePort {
  const known = new Map<string, number>();
  return (host, { source, means }) => {
    if (source !== undefined && !means) return probePorts.first;
    // Over IPv6 a sender has no address of the plan: all of it has one port.
    const key = [host, source === undefined ? "ipv6" : JSON.stringify(means)].join(" ");
    const port = known.get(key) ?? probePorts.toPods + 1 + known.size;
    if (port >= probePorts.pods)
      throw new Error(`more than ${known.size} means of attack: a wider range of source ports is needed`);
    known.set(key, port);
    return port;
  };
}
