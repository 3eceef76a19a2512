import type { ResourceRule } from "../rule.ts";
import { own } from "../sources.ts";
import { container } from "../subjects.ts";

/** Drivers that keep a container's log in files of its host. https://docs.docker.com/engine/logging/configure/ */
const drivers = ["json-file", "local"];

export const rule: ResourceRule = {
  name: "container-must-rotate-logs",
  holds: "A container's log is bounded on its host's disk",
  source: own("https://docs.docker.com/engine/logging/drivers/json-file/", "without max-size a log is never rotated"),
  level: "mandatory",
  types: [container],
  *check({ inputs: { logDriver, logOpts } }) {
    if (!drivers.includes(logDriver))
      yield {
        at: ["logDriver"],
        what: "where the log goes is left to each engine",
        given: String(logDriver ?? "the engine's default"),
        allowed: drivers.join(" or "),
        fix: "name the driver: an engine's default has no bound",
      };
    else if (!/^[1-9]\d*[kmg]$/.test(logOpts?.["max-size"] ?? "") || !/^[1-9]\d*$/.test(logOpts?.["max-file"] ?? ""))
      yield {
        at: ["logOpts"],
        what: "the log grows until the disk is full",
        given: JSON.stringify(logOpts ?? {}),
        allowed: "max-size, as in 10m, and max-file, as in 3",
        fix: "set both",
      };
  },
};
