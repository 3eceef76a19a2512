import { rule } from "../../policies/rules/quorum-must-span-racks.ts";
import { ruleTests, unknown, withHosts } from "./judging.ts";
import { container } from "./shown.ts";

const database = ["db1", "db2", "db3"].map((name) => container({}, { service: "database", host: `dc1-platform-${name}` }));

ruleTests(rule, {
  refuses: [
    [
      "two members in one rack",
      database,
      "members of database fail together with rack r1; given dc1-platform-db1, dc1-platform-db3",
      { topology: withHosts({ "dc1-platform-db3": { rack: "r1" } }) },
    ],
  ],
  permits: [["each in its own", database]],
  waitsFor: [["labels that are not known yet", [container({ labels: unknown })]]],
});
