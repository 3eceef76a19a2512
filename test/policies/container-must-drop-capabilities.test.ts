import { rule } from "../../policies/rules/container-must-drop-capabilities.ts";
import { ruleTests, unknown } from "./judging.ts";
import { container } from "./shown.ts";

const raw = { capabilities: { adds: ["CAP_NET_ADMIN", "CAP_NET_RAW"], drops: ["ALL"] } };

ruleTests(rule, {
  refuses: [
    [
      "a container that keeps Docker's own",
      [container({ capabilities: undefined })],
      "capabilities.drops: the container keeps what Docker gives every container; given none dropped; allowed ALL",
    ],
    [
      "what nobody reviewed for the service",
      [container(raw)],
      "capabilities.adds: nobody has reviewed these for haproxy; given CAP_NET_ADMIN, CAP_NET_RAW; allowed none",
    ],
    [
      "more than was reviewed",
      [container({ capabilities: { adds: ["CAP_SYS_ADMIN"], drops: ["ALL"] } }, { service: "conntrackd" })],
      "capabilities.adds: nobody has reviewed these for conntrackd; given CAP_SYS_ADMIN; allowed CAP_NET_ADMIN",
    ],
  ],
  permits: [
    ["a container without any", [container()]],
    ["what was reviewed for the service", [container(raw, { service: "keepalived" })]],
  ],
  waitsFor: [["a list that depends on another resource", [container({ capabilities: { adds: [unknown], drops: ["ALL"] } })]]],
});
