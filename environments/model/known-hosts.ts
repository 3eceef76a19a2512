// Host keys pinned in OpenSSH's known_hosts format (sshd(8), section SSH_KNOWN_HOSTS FILE FORMAT): plain names, no hashes, no patterns.

/** The Ed25519 key that a known_hosts text pins for an address, as `ssh-ed25519 AAAA…`; undefined where it pins none. */
export function pinnedHostKey(knownHosts: string, address: string, port: number): string | undefined {
  const wanted = knownHostsName(address, port);
  for (const line of knownHosts.split("\n")) {
    const [names, type, key] = line.trim().split(/\s+/);
    if (names?.split(",").includes(wanted) && type === "ssh-ed25519" && key) return `${type} ${key}`;
  }
  return undefined;
}

/** How known_hosts names an address: with its port only where that is not 22. */
export const knownHostsName = (address: string, port: number): string => (port === 22 ? address : `[${address}]:${port}`);
