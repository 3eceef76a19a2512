import type { ResourceRule } from "../rule.ts";
import { cisDocker } from "../sources.ts";
import { container } from "../subjects.ts";

export const rule: ResourceRule = {
  name: "container-must-not-be-privileged",
  holds: "No container is privileged, and none has a device of its host",
  source: `${cisDocker("5.5")}; 5.18`,
  level: "mandatory",
  types: [container],
  *check({ inputs: { privileged, devices } }) {
    if (privileged)
      yield {
        at: ["privileged"],
        what: "who breaks out of the container is root on its host",
        given: "true",
        allowed: "false",
        fix: "remove it, and name the capabilities that the service needs",
      };
    if ((devices ?? []).length > 0)
      yield {
        at: ["devices"],
        what: "the container has devices of its host",
        given: (devices as readonly { hostPath: string }[]).map(({ hostPath }) => hostPath).join(", "),
        allowed: "none",
        fix: "remove them",
      };
  },
};
