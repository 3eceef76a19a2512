import type { Host, Topology } from "../../environments/model/topology.ts";
import { managed } from "../managed.render.ts";

/** Who may log in, and how: keys only, on the management address only. */
export function renderSshd(topology: Topology, host: Host): string {
  return [
    `# ${managed}`,
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
