import { spawnSync } from "node:child_process";

const means = [
  ["unshare", "--net"],
  ["unshare", "--user", "--map-root-user", "--net"],
] as const;

/** Words before a command that give it a network with no way out; none where this machine lets nobody have one. */
export const noWayOut = (): readonly string[] | undefined =>
  means.find(([program, ...words]) => spawnSync(program, [...words, "true"]).status === 0);
