import type { ResourceRule } from "../rule.ts";
import { own } from "../sources.ts";
import { container } from "../subjects.ts";

export const rule: ResourceRule = {
  name: "container-must-end-gracefully",
  holds: "A container has time between being told to end and being killed",
  source: own(
    "measured with the provider at its pinned version",
    "without destroyGraceSeconds the provider sends TERM and KILL together: a writer was killed by an ordinary change",
  ),
  level: "mandatory",
  types: [container],
  *check({ inputs: { destroyGraceSeconds } }) {
    if (destroyGraceSeconds > 0) return;
    yield {
      at: ["destroyGraceSeconds"],
      what: "the container is killed at once when it is replaced",
      given: String(destroyGraceSeconds ?? "none"),
      allowed: "seconds, above 0",
      fix: "state graceSeconds",
    };
  },
};
