import { shellQuote } from "../host/shell.ts";
import { tableName } from "./nftables.render.ts";

/** Where a host's rules are: Debian loads them at boot, before the network. */
export const rulesFile = "/etc/nftables.conf";

const directory = "/var/lib/tandem/packet-filter";
/** The last rules under which the host was reached anew. */
const good = `${directory}/good`;
/** What the kernel said of the rules after it took them up. */
const listing = `${directory}/listing`;

const listed = `nft --stateless list table ${tableName} | sha256sum`;

/** Seconds in which a host with new rules must be reached by a new connection. */
export const reachedWithinSeconds = 60;

/**
 * Takes the rules up, whole or not at all. Unless somebody reaches the host anew and keeps them, the last good ones come back by themselves:
 * rules that cut the operator off end like that, also when this very connection dies.
 */
export function renderApply(withinSeconds: number = reachedWithinSeconds): string {
  return `apply_rules() {
  mkdir -p ${directory}
  [ ! -d /run/systemd/system ] || systemctl enable --quiet nftables
  if [ ! -e ${rulesFile} ]; then nft "add table ${tableName}; delete table ${tableName}"; rm -f ${listing} ${good}; return; fi
  nft --file ${rulesFile} && ${listed} > ${listing} || return 1
  cmp -s ${rulesFile} ${good} && return
  setsid sh -c ${shellQuote(renderReturn(withinSeconds))} < /dev/null > /dev/null 2>&1 &
}
apply_rules`;
}

const renderReturn = (withinSeconds: number): string =>
  `sleep ${withinSeconds}
cmp -s ${rulesFile} ${good} && exit
logger -t tandem "nobody reached this host under its new packet filter rules in ${withinSeconds} s: the last good ones are back" 2>/dev/null
if [ -s ${good} ]; then
  cp ${good} ${rulesFile} && nft --file ${rulesFile} && ${listed} > ${listing}
else
  nft "add table ${tableName}; delete table ${tableName}"; rm -f ${rulesFile} ${listing}
fi`;

/** Run over a new connection: keeps the rules, if they are still the declared ones. */
export function renderKeep(digest: string): string {
  return `set -eu
if [ "$(sha256sum < ${rulesFile} | cut -d ' ' -f 1)" != ${digest} ]; then
  echo "the new packet filter rules kept this host from being reached for ${reachedWithinSeconds} s, so the last good ones are back; mend the flows, or write the same again: npm run drift -- --repair" >&2
  exit 1
fi
cp ${rulesFile} ${good}
`;
}

/** Prints what is expected where the kernel holds the rules as it took them up. */
export const renderKernelProbe = (): string =>
  `[ "$(${listed})" = "$(cat ${listing})" ] && echo as written || nft list table ${tableName}`;
export const kernelExpected = "as written\n";
