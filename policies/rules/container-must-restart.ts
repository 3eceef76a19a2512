import type { ResourceRule } from "../rule.ts";
import { own } from "../sources.ts";
import { container } from "../subjects.ts";

const allowed = ["unless-stopped", "always"];

export const rule: ResourceRule = {
  name: "container-must-restart",
  holds: "A container comes back after its end and after its host's",
  source: own("docs/database.md", "after a power failure of all hosts the platform comes back without a person"),
  level: "mandatory",
  types: [container],
  *check({ inputs: { restart } }) {
    if (allowed.includes(restart)) return;
    yield {
      at: ["restart"],
      what: "the container stays away after its end or its host's",
      given: String(restart ?? "no"),
      allowed: allowed.join(" or "),
      fix: "set restart: unless-stopped",
    };
  },
};
