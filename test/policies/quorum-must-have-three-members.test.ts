import { rule } from "../../policies/rules/quorum-must-have-three-members.ts";
import { ruleTests, unknown, withHosts } from "./judging.ts";
import { container } from "./shown.ts";

const members = (service: string, count: number, host = "x") =>
  Array.from({ length: count }, (_, index) => container({}, { service, host: `dc1-platform-${host}${index + 1}` }));
const controlPlane = ["kube-apiserver", "kine", "kube-controller-manager", "kube-scheduler"].flatMap((service) =>
  members(service, 3),
);

ruleTests(rule, {
  refuses: [
    [
      "two of the database while a host of another role is out of service",
      [...members("database", 2, "db"), ...controlPlane],
      "dc1 has no quorum of database that survives a loss; given 2: dc1-platform-db1, dc1-platform-db2; allowed 3 or 5",
      { topology: withHosts({ "dc1-platform-lb1": { inService: false }, "dc2-platform-db3": { inService: false } }) },
    ],
    [
      "two members of the database",
      [...members("database", 2), ...controlPlane],
      "dc1 has no quorum of database that survives a loss; given 2: dc1-platform-x1, dc1-platform-x2; allowed 3 or 5",
    ],
    [
      "four, which survive no more than three",
      [...members("database", 4), ...controlPlane],
      "dc1 has no quorum of database that survives a loss; given 4",
    ],
    [
      "a control plane without a scheduler",
      [...members("database", 3), ...controlPlane.slice(0, -3)],
      "dc1 has no quorum of kube-scheduler that survives a loss; given no member",
    ],
  ],
  permits: [
    [
      "two of the database while the third is out of service, until it is replaced",
      [...members("database", 2, "db"), ...controlPlane],
      { topology: withHosts({ "dc1-platform-db3": { inService: false } }) },
    ],
    ["three of each", [...members("database", 3), ...controlPlane]],
    ["five of the database", [...members("database", 5), ...controlPlane]],
    ["a stack that has no core", [], { stack: "reference-dc1-policy" }],
  ],
  waitsFor: [["labels that are not known yet", [container({ labels: unknown })]]],
});
