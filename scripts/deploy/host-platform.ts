import { UserError } from "../console/errors.ts";
import { nearest } from "./nearest.ts";

/** What a platform knows of hosts. */
export interface KnownHosts {
  readonly platform: string;
  /** In its environment file. */
  readonly declared: readonly string[];
  /** In its stacks' states. */
  readonly held: readonly string[];
}

/** The platform that a host belongs to: whose state holds it, else whose file names it; more than one is for the user to tell. Pure. */
export function platformOfHost(host: string, all: readonly KnownHosts[]): string {
  const holders = all.filter(({ held }) => held.includes(host));
  const found = holders.length > 0 ? holders : all.filter(({ declared }) => declared.includes(host));
  const [only, second] = found;
  if (only && !second) return only.platform;
  const platforms = found.map(({ platform }) => platform);
  if (platforms.length > 1)
    throw new UserError(
      `${JSON.stringify(host)}: the platforms ${platforms.join(" and ")} have such a host; tell which: ${platforms.map((name) => `--platform ${name}`).join(" or ")}`,
    );
  const known = [...new Set(all.flatMap(({ declared, held }) => [...declared, ...held]))];
  throw new UserError(
    `${JSON.stringify(host)}: no platform has such a host${nearest(host, known)}; list them: npm run hosts -- list --platform <name>`,
  );
}
