import type { StackRule } from "../rule.ts";
import { own } from "../sources.ts";

export const rule: StackRule = {
  name: "shared-must-not-be-deleted-first",
  holds: "What several members read is not deleted before its successor is there",
  source: own(
    "CONTRIBUTING.md",
    "measured: the engine deletes all that read such a resource first, three database nodes at once",
  ),
  level: "mandatory",
  *checkStack({ resources, readers }) {
    for (const resource of resources) {
      const members = new Set((readers.get(resource.urn) ?? []).map(({ name }) => name));
      if (!resource.isDeletedFirst || members.size < 2) continue;
      yield {
        resource,
        what: "its replacement would delete all that read its values at the same time",
        given: [...members].sort().join(", "),
        allowed: "one reader at most",
        fix: "leave out deleteBeforeReplace, or let its readers depend on it without reading it (dependsOn)",
      };
    }
  },
};
