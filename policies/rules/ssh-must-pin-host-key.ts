import type { ResourceRule } from "../rule.ts";
import { own } from "../sources.ts";
import { dockerProvider, remoteCommand } from "../subjects.ts";

export const rule: ResourceRule = {
  name: "ssh-must-pin-host-key",
  holds: "Whoever logs in to a host knows its key beforehand",
  source: own(
    "ssh_config(5), StrictHostKeyChecking",
    "without it the first machine that answers at an address gets the platform's secrets",
  ),
  level: "mandatory",
  types: [dockerProvider, remoteCommand],
  *check({ type, inputs }) {
    if (type === remoteCommand) {
      const { hostKey } = inputs["connection"];
      if (!hostKey)
        yield {
          at: ["connection", "hostKey"],
          what: "any machine that answers would be logged in to",
          given: "none",
          allowed: "the host's key, as in ssh-ed25519 AAAA…",
          fix: "pin it in the environment's known_hosts",
        };
      return;
    }
    if (!String(inputs["host"] ?? "").startsWith("ssh://")) return;
    // A provider's settings that are no texts reach it as JSON.
    const options = String(inputs["sshOpts"] ?? "");
    for (const wanted of ["StrictHostKeyChecking=yes", "UserKnownHostsFile="])
      if (!options.includes(wanted))
        yield {
          at: ["sshOpts"],
          what: "any machine that answers would be spoken to as this host's engine",
          given: options || "none",
          allowed: `${wanted}${wanted.endsWith("=") ? "<file>" : ""}`,
          fix: "add it",
        };
  },
};
