import { rule } from "../../policies/rules/shared-must-not-be-deleted-first.ts";
import { ruleTests } from "./judging.ts";
import { container } from "./shown.ts";

const shared = { type: "docker:index/network:Network", name: "shared", inputs: {}, isDeletedFirst: true };
const readers = ["db1", "db2"].map((host) => ({ ...container({}, { service: "database", host }), reads: ["shared"] }));

ruleTests(rule, {
  refuses: [
    [
      "what two members read",
      [shared, ...readers],
      "its replacement would delete all that read its values at the same time; given database-db1, database-db2",
    ],
  ],
  permits: [
    ["what is made anew before it is deleted", [{ ...shared, isDeletedFirst: false }, ...readers]],
    ["what one reads", [shared, ...readers.slice(0, 1)]],
    ["members that only come after it", [shared, ...readers.map((each) => ({ ...each, reads: [] }))]],
  ],
  waitsFor: [],
});
