import { replacedDirectory } from "../host/host-file.render.ts";
import { shellQuote } from "../host/shell.ts";
import { tableName } from "./nftables.render.ts";

/** What is declared. Not what Debian loads at boot: nobody has reached the host under it yet. */
export const rulesFile = "/etc/tandem-packet-filter.nft";
/** What Debian loads at boot, before the network: the last rules under which the host was reached anew. */
export const keptFile = "/etc/nftables.conf";

const directory = "/var/lib/tandem/packet-filter";
/** What the kernel said of the rules after it took them up. */
const listing = `${directory}/listing`;
/** The digest of the kept rules as we wrote them. */
const keptRecord = `${directory}/kept`;

/** As long as no rules were ever kept: anybody may come to the host, and nothing passes through it. */
const nothingPasses = `table ${tableName}
delete table ${tableName}
table ${tableName} {
  chain forward {
    type filter hook forward priority filter; policy drop;
  }
}`;

const listed = `nft --stateless list table ${tableName} | sha256sum`;
const isKeptAsWritten = `sha256sum --status --check ${keptRecord}`;

/** Seconds in which a host with new rules must be reached by a new connection. */
export const reachedWithinSeconds = 60;

/**
 * Takes the rules up, whole or not at all. Unless somebody reaches the host anew and keeps them, the last good ones come back by themselves:
 * rules that cut the operator off end like that, also when this very connection dies at any moment, and also when the host loses its power meanwhile.
 */
export function renderApply(withinSeconds: number = reachedWithinSeconds): string {
  return `apply_rules() {
  mkdir -p ${directory}
  [ ! -d /run/systemd/system ] || systemctl enable --quiet nftables
  if [ ! -e ${rulesFile} ]; then
    nft "add table ${tableName}; delete table ${tableName}"
    rm -f ${keptFile} ${listing} ${keptRecord}
    return
  fi
  if ! ${isKeptAsWritten} 2>/dev/null; then
    # Debian's own, or what a hand made of ours: it is put aside.
    printf '%s\\n' ${shellQuote(nothingPasses)} > ${keptFile}.new &&
      { [ ! -e ${keptFile} ] || cmp -s ${keptFile}.new ${keptFile} || cp -p ${keptFile} "$(mktemp "${replacedDirectory}/nftables.conf.XXXXXX")"; } &&
      mv ${keptFile}.new ${keptFile} && rm -f ${keptRecord} || return 1
  fi
  # Before the new ones are live, or whoever is killed in between locks everybody out.
  cmp -s ${rulesFile} ${keptFile} || setsid sh -c ${shellQuote(renderReturn(withinSeconds))} < /dev/null > /dev/null 2>&1 || return 1
  nft --file ${rulesFile} && ${listed} > ${listing}
}
apply_rules`;
}

/**
 * Waits on the host itself, which nobody may be able to reach, in a session of its own when this returns. Where the new rules never came into force,
 * the last good ones are taken up once more.
 */
const renderReturn = (withinSeconds: number): string =>
  `ours=$(sha256sum < ${rulesFile})
{
  sleep ${withinSeconds}
  [ "$(sha256sum < ${rulesFile})" = "$ours" ] || exit
  cmp -s ${rulesFile} ${keptFile} && exit
  logger -t tandem "nobody reached this host under its new packet filter rules in ${withinSeconds} s: the last good ones are back" 2>/dev/null
  nft --file ${keptFile} && cp ${keptFile} ${rulesFile}.new && mv ${rulesFile}.new ${rulesFile} && ${listed} > ${listing}
} &`;

/**
 * Shell that succeeds when the declared rules, by the digest of their text, are those of the file and of the kernel, and no hand changed what is
 * loaded at boot. It comes over a new connection, so it also keeps them.
 */
export const renderLoaded = (digest: string): string =>
  `{ [ "$(sha256sum < ${rulesFile} | cut -d ' ' -f 1)" = ${digest} ] && [ "$(${listed})" = "$(cat ${listing})" ] && ` +
  `{ [ ! -e ${keptRecord} ] || ${isKeptAsWritten}; } && ` +
  `cp ${rulesFile} ${keptFile}.new && echo '${digest}  ${keptFile}' > ${keptRecord}.new && ` +
  `mv ${keptFile}.new ${keptFile} && mv ${keptRecord}.new ${keptRecord}; }`;
