import { shellQuote } from "./shell.ts";

/** What to write where, and how the service that reads it takes it up. */
export interface HostFileSpec {
  /** Absolute path on the host. */
  readonly path: string;
  /** Octal, as in "0644". */
  readonly mode: string;
  /** As in "root:root". */
  readonly owner: string;
  /** Shell command that fails when the file at `$candidate` is unsound: the service's own parser. */
  readonly check?: string;
  /** Shell command that makes the service take the file up. */
  readonly reload?: string;
  /** Shell command that fails when the service has taken up something else since: then it is reloaded though the file is as it was. */
  readonly loaded?: string;
}

/** Where a host keeps the digest of each file that we wrote, and what a hand had changed before we wrote over it. */
export const recordDirectory = "/var/lib/tandem/files";
export const replacedDirectory = "/var/lib/tandem/replaced";

const recordName = (path: string): string => `${path.slice(1).replaceAll("/", "_")}.sha256`;

/**
 * Reads the content on standard input, writes it beside the target, checks it, moves it into place and reloads. The digest is recorded
 * last, so a run that was cut between move and reload reloads the next time. A failed reload puts the file before it back.
 */
export function renderWriteScript(spec: HostFileSpec): string {
  return `set -eu
target=${shellQuote(spec.path)}
record=${shellQuote(`${recordDirectory}/${recordName(spec.path)}`)}
reload() { ${spec.reload ?? ":"}; }
check() { ${spec.check ?? ":"}; }
mkdir -p "$(dirname "$target")" ${recordDirectory}
install -d -m 0700 ${replacedDirectory}
candidate=$(mktemp "$target.tandem-XXXXXX")
trap 'rm -f "$candidate"' EXIT
cat > "$candidate"
chown ${shellQuote(spec.owner)} "$candidate"
chmod ${shellQuote(spec.mode)} "$candidate"
check || { echo "$target: the new content was refused by its check and nothing was changed" >&2; exit 1; }
if cmp -s "$candidate" "$target" && sha256sum --status --check "$record" 2>/dev/null${spec.loaded === undefined ? "" : ` && ${spec.loaded}`}; then
  chown ${shellQuote(spec.owner)} "$target"
  chmod ${shellQuote(spec.mode)} "$target"
  exit 0
fi
previous=
foreign=
if [ -e "$target" ]; then
  sha256sum --status --check "$record" 2>/dev/null || foreign=yes
  previous=$(mktemp "${replacedDirectory}/$(basename "$target").XXXXXX")
  cp -p "$target" "$previous"
fi
mv -f "$candidate" "$target"
if ! reload; then
  if [ -n "$previous" ]; then mv -f "$previous" "$target"; else rm -f "$target"; fi
  reload || true
  echo "$target: the reload failed with the new content; the content before it is back in place" >&2
  exit 1
fi
if [ -n "$foreign" ]; then
  echo "$target: held a content that was not ours; it is kept in $previous" >&2
elif [ -n "$previous" ]; then
  rm -f "$previous"
fi
sha256sum "$target" > "$record"
`;
}

/** Takes the file away and lets the service go on without it. */
export function renderRemoveScript(spec: HostFileSpec): string {
  return `set -eu
rm -f ${shellQuote(spec.path)} ${shellQuote(`${recordDirectory}/${recordName(spec.path)}`)}
${spec.reload ?? ":"}
`;
}

/**
 * Prints what is compared with `renderExpected`: owner, mode and content, or its digest where the content is secret; and a line more where the
 * service has taken up something else.
 */
export function renderProbe(spec: HostFileSpec, content: "text" | "digest"): string {
  const path = shellQuote(spec.path);
  const file = `stat -c '%U:%G %a' ${path} && ${content === "text" ? `cat ${path}` : `sha256sum < ${path} | cut -d' ' -f1`}`;
  return spec.loaded === undefined ? file : `${file}; ${spec.loaded} || echo ${notLoaded}`;
}

export const notLoaded = "What is in force is something else.";

/** What the probe prints on a host that is as declared. */
export function renderExpected(spec: HostFileSpec, content: string): string {
  return `${spec.owner} ${spec.mode.replace(/^0+/, "")}\n${content}`;
}

/** Prints the files that are no longer as we wrote them, one a line; nothing when all are. */
export function renderChangedFilesProbe(): string {
  return `cd / && for record in ${recordDirectory}/*.sha256; do [ -e "$record" ] || continue; sha256sum --quiet --check "$record" 2>/dev/null | sed 's/: FAILED.*//'; done; true`;
}
