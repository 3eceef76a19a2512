import type { Host as HostPlace } from "../../environments/model/topology.ts";
import type { Host } from "./host.ts";

/** The hosts of a cluster's members, in the members' order; refused where one was not given. */
export function membersOf(
  { name, members }: { readonly name: string; readonly members: readonly HostPlace[] },
  hosts: ReadonlyMap<string, Host>,
): Host[] {
  return members.map((member) => {
    const host = hosts.get(member.name);
    if (!host) throw new Error(`${name}: member ${member.name} is not among the hosts that were given`);
    return host;
  });
}
