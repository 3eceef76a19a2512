import { serviceAccount } from "../../environments/model/service-account.ts";
import { shellQuote } from "./shell.ts";

/** Packages that every host needs; the lab's machine image holds them already. */
export const basePackages = [
  "ca-certificates",
  "chrony",
  "curl",
  "iproute2",
  "iputils-ping",
  "nftables",
  "openssh-server",
  "openssl",
  "procps",
  "sudo",
] as const;

/** What brings a real machine's VLAN interfaces up: Debian's own, which reads /etc/network/interfaces.d. */
export const interfacePackages = ["ifupdown", "vlan"] as const;

/** Installs what is missing and nothing else. */
export function renderPackagesScript(packages: readonly string[]): string {
  return `set -eu
missing=
for package in ${packages.map(shellQuote).join(" ")}; do
  [ "$(dpkg-query -W -f '\${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing="$missing $package"
done
[ -z "$missing" ] || { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing; }
`;
}

/** Prints the packages that are installed, one a line. */
export const renderPackagesProbe = (packages: readonly string[]): string =>
  `dpkg-query -W -f '\${db:Status-Status} \${Package}\\n' ${packages.map(shellQuote).join(" ")} 2>/dev/null | sed -n 's/^installed //p' | sort`;

export function renderAccountScript(): string {
  const { name, id } = serviceAccount;
  return `set -eu
getent group ${name} >/dev/null || groupadd --system --gid ${id} ${name}
getent passwd ${name} >/dev/null || useradd --system --uid ${id} --gid ${id} --home-dir /nonexistent --shell /usr/sbin/nologin ${name}
[ "$(id -u ${name}):$(id -g ${name})" = ${id}:${id} ] || { echo "account ${name} has the numbers $(id -u ${name}):$(id -g ${name}), not ${id}:${id}: another program made it; rename that account" >&2; exit 1; }
`;
}

export const renderAccountProbe = (): string => `getent passwd ${serviceAccount.name}`;
export const renderAccountExpected = (): string =>
  `${serviceAccount.name}:x:${serviceAccount.id}:${serviceAccount.id}::/nonexistent:/usr/sbin/nologin\n`;
