import { rule } from "../../policies/rules/replication-must-have-one-direction.ts";
import { ruleTests, unknown } from "./judging.ts";
import { container } from "./shown.ts";

const replicator = container({}, { service: "registry-replication", host: "dc2-platform-reg1" });
const harbor = (settings: unknown) => ({
  ...{ type: "command:local:Command", name: "registry-policies-dc2" },
  inputs: { environment: { TANDEM_HARBOR: typeof settings === "string" ? settings : JSON.stringify(settings) } },
});
const standby = { stack: "reference-dc2-services" };
const said = "dc2 is the standby site and sends its images to the active one; allowed the active site sends";

ruleTests(rule, {
  refuses: [
    ["a replicator at the standby site", [replicator], said, standby],
    ["a Harbor of the standby site with replication on", [harbor({ policies: [{ name: "tandem-events" }] })], said, standby],
  ],
  permits: [
    [
      "both at the active site",
      [replicator, harbor({ policies: [{ name: "tandem-events" }] })],
      { stack: "reference-dc1-services" },
    ],
    ["a Harbor that only receives", [harbor({ policies: [] })], standby],
  ],
  waitsFor: [["settings that are not known yet", [harbor(unknown)], standby]],
});
