import type { ResourceRule } from "../rule.ts";
import { cisDocker } from "../sources.ts";
import { container } from "../subjects.ts";

export const rule: ResourceRule = {
  name: "container-must-limit-cpu",
  holds: "A container has a limit of processors, or a quota of their time",
  source: cisDocker("5.12"),
  level: "mandatory",
  types: [container],
  *check({ inputs: { cpus, cpuQuota } }) {
    if (Number(cpus) > 0 || cpuQuota > 0) return;
    yield {
      at: ["cpus"],
      what: "the container may take all of its host's processors",
      given: String(cpus ?? "no limit"),
      allowed: "processors, above 0",
      fix: "state cpus: a service that spins must not keep its host's agents and SSH from working",
    };
  },
};
