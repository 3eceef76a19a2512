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
  "sudo",
  "tcpdump",
  "tini",
] as const;

export function renderMachineSshd(): string {
  return [
    "# Of the machine image: keys come from outside, passwords are never asked.",
    "HostKey /etc/ssh/tandem/ssh_host_ed25519_key",
    "PasswordAuthentication no",
    "PermitRootLogin prohibit-password",
    "UseDNS no",
    "",
  ].join("\n");
}

/** An operator does everything as root, and sudo says who it was: as on a real host. */
export const renderSudoers = (user: string): string => `${user} ALL=(ALL:ALL) NOPASSWD: ALL\n`;

/** Taken out of the image: the file that would rule the machine's filter. */
export const removedPaths = ["/etc/nftables.conf"] as const;
