import type { Machine } from "../../components/host/host.ts";

/** A real machine as stacks describe one; nothing logs in to it. */
export const realMachine: Machine & { readonly kind: "ssh" } = {
  ...{ kind: "ssh", knownHostsFile: "known_hosts", trunk: "bond0" },
  registry: { address: "registry.example.com", username: "robot$pull-platform", password: "not-a-password" },
};
