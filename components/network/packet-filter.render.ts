import { shellQuote } from "../host/shell.ts";
import { tableName } from "./nftables.render.ts";

/** Where a host's rules are: Debian loads them at boot, before the network. */
export const rulesFile = "/etc/nftables.conf";

const directory = "/var/lib/tandem/packet-filter";
/** The last rules under which the host was reached anew. */
const good = `${directory}/good`;
/** What the kernel said of the rules after it took them up. */
const listing = `${directory}/listing`;

const removeTable = `nft "add table ${tableName}; delete table ${tableName}"`;
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
  if [ ! -e ${rulesFile} ]; then ${removeTable}; rm -f ${listing} ${good}; return; fi
  nft --file ${rulesFile} && ${listed} > ${listing} || return 1
  cmp -s ${rulesFile} ${good} && return
  setsid sh -c ${shellQuote(renderReturn(withinSeconds))} < /dev/null > /dev/null 2>&1 &
}
apply_rules`;
}

/** Waits on the host itself, which nobody may be able to reach. */
const renderReturn = (withinSeconds: number): string =>
  `ours=$(sha256sum < ${rulesFile})
sleep ${withinSeconds}
[ "$(sha256sum < ${rulesFile})" = "$ours" ] || exit
cmp -s ${rulesFile} ${good} && exit
logger -t tandem "nobody reached this host under its new packet filter rules in ${withinSeconds} s: the last good ones are back" 2>/dev/null
if [ -s ${good} ]; then
  cp ${good} ${rulesFile} && nft --file ${rulesFile} && ${listed} > ${listing}
else
  ${removeTable}; rm -f ${rulesFile} ${listing}
fi`;

/**
 * Shell that succeeds when the declared rules, by the digest of their text, are those of the file and of the kernel. It comes over a new
 * connection, so it also keeps them.
 */
export const renderLoaded = (digest: string): string =>
  `{ [ "$(sha256sum < ${rulesFile} | cut -d ' ' -f 1)" = ${digest} ] && [ "$(${listed})" = "$(cat ${listing})" ] && ` +
  `cp ${rulesFile} ${good}.new && mv ${good}.new ${good}; }`;
