import type { ResourceRule } from "../rule.ts";
import { cisDocker } from "../sources.ts";
import { container } from "../subjects.ts";

export const rule: ResourceRule = {
  name: "container-must-limit-memory",
  holds: "A container has a limit of memory, and no swap beyond it",
  source: cisDocker("5.11"),
  level: "mandatory",
  types: [container],
  *check({ inputs: { memory, memorySwap } }) {
    if (!(memory > 0))
      yield {
        at: ["memory"],
        what: "the container may take all of its host's memory",
        given: String(memory ?? "no limit"),
        allowed: "MiB, above 0",
        fix: "state memoryMib: a service that leaks must not end its neighbours",
      };
    else if (memorySwap !== memory)
      yield {
        at: ["memorySwap"],
        what: "the container may swap beyond its memory",
        given: String(memorySwap ?? "as much again"),
        allowed: `as memory: ${memory}`,
        fix: "set memorySwap to memory: a member that swaps answers too late for its peers, and is not dead either",
      };
  },
};
