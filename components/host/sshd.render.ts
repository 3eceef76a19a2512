import type { Host, Topology } from "../../environments/model/topology.ts";

/** Who may log in, and how: keys only, on the management address only. */
export function renderSshd(topology: Topology, host: Host): string {
  return [
    "# Managed by Tandem: changes by hand are found and reported.",
    `AllowUsers ${topology.ssh.user}`,
    "KbdInteractiveAuthentication no",
    `ListenAddress ${host.addresses.management}`,
    "MaxAuthTries 3",
    "PasswordAuthentication no",
    "PermitRootLogin prohibit-password",
    "X11Forwarding no",
    "",
  ].join("\n");
}
