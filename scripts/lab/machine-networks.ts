import ipaddr from "ipaddr.js";
import { runTool } from "../console/log.ts";

/** A network that the machine has: an address of an interface, or a route. */
export interface MachineNetwork {
  readonly device: string;
  /** As in `192.0.2.0/24`. */
  readonly cidr: string;
}

/** The machine's IPv4 networks, without its default route and the bridges of labs. */
export async function machineNetworks(): Promise<MachineNetwork[]> {
  return networksOf(await runTool("ip", ["-json", "-4", "route", "show", "table", "all"]));
}

/** Reads what `ip -json route` prints; local and broadcast routes repeat what the others say. */
export function networksOf(routes: string): MachineNetwork[] {
  const parsed = (routes.trim() === "" ? [] : JSON.parse(routes)) as { dst?: string; dev?: string; type?: string }[];
  return parsed.flatMap(({ dst, dev = "", type = "unicast" }) => {
    if (!dst || dst === "default" || type === "broadcast" || type === "local" || labBridge.test(dev) || dev === "lo") return [];
    return [{ device: dev, cidr: dst.includes("/") ? dst : `${dst}/32` }];
  });
}

/** Bridges that labs make, with the lab's slot: see `labNames` in the model. */
export const labBridge = /^td(\d+)-/;

/** Those of the networks that share addresses with a range. */
export function colliding(cidr: string, networks: readonly MachineNetwork[]): MachineNetwork[] {
  const [range, length] = ipaddr.IPv4.parseCIDR(cidr);
  return networks.filter((network) => {
    const [other, otherLength] = ipaddr.IPv4.parseCIDR(network.cidr);
    return range.match(other, Math.min(length, otherLength));
  });
}
