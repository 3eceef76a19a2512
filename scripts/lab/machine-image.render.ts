// What the machine image is made of. Any change here changes its digest, and so its tag.

/** What every host has before we come: as a freshly installed server. */
export const machinePackages = [
  "ca-certificates",
  "chrony",
  "curl",
  "ifupdown",
  "iproute2",
  "iputils-ping",
  "less",
  "netcat-openbsd",
  "nftables",
  "openssh-server",
  "openssl",
  "procps",
  "tcpdump",
  "tini",
] as const;

/** Where a machine finds its host key and who may log in: a directory of the lab, mounted read-only. */
export const machineKeysMount = "/etc/tandem-machine";

export function renderMachineSshd(): string {
  return [
    "# Of the machine image: keys come from outside, passwords are never asked.",
    "AuthorizedKeysFile /etc/ssh/tandem/authorized_keys",
    "HostKey /etc/ssh/tandem/ssh_host_ed25519_key",
    "PasswordAuthentication no",
    "PermitRootLogin prohibit-password",
    "UseDNS no",
    "",
  ].join("\n");
}

/** Taken out of the image: documentation, package caches, keys that the packages made, and the file that would rule the machine's filter. */
export const removedPaths = [
  "/etc/nftables.conf",
  "/usr/share/doc",
  "/usr/share/locale",
  "/usr/share/man",
  "/var/cache/apt",
  "/var/lib/apt/lists",
  "/var/log",
] as const;
