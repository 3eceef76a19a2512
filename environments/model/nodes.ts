import { platformZone, type Topology, type Zone } from "./topology.ts";

/**
 * Whether a zone's workers are nodes of its site's cluster. In the lab only the platform zones' are: with eight more, two cores are busy with the lab alone, and
 * what a drill measures is the machine.
 */
export const hasNodes = ({ machines }: Pick<Topology, "machines">, { name, hosts }: Pick<Zone, "name" | "hosts">): boolean =>
  hosts.some(({ role }) => role === "worker") && (machines === "ssh" || name === platformZone);
