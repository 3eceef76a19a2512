import { rule } from "../../policies/rules/pair-must-be-complete.ts";
import { reference, ruleTests, unknown } from "./judging.ts";
import { container } from "./shown.ts";

const both = (service: string, hosts = ["dc1-platform-lb1", "dc1-platform-lb2"]) =>
  hosts.map((host) => container({}, { service, host }));
const gateways = ["dc1-policy-gw1", "dc1-policy-gw2"];
const zone = { stack: "reference-dc1-policy" };

ruleTests(rule, {
  refuses: [
    [
      "one balancer",
      [...both("haproxy", ["dc1-platform-lb1"]), ...both("keepalived")],
      "no pair of haproxy in reference-dc1; given dc1-platform-lb1; allowed two hosts",
    ],
    [
      "gateways of which one knows no connections of the other's",
      ["keepalived", "coredns"].flatMap((service) => both(service, gateways)).concat(both("conntrackd", gateways.slice(1))),
      "no pair of conntrackd in reference-dc1-policy; given dc1-policy-gw2",
      zone,
    ],
  ],
  permits: [
    ["two balancers", ["haproxy", "keepalived"].flatMap((service) => both(service))],
    ["two gateways", ["keepalived", "coredns", "conntrackd"].flatMap((service) => both(service, gateways)), zone],
    [
      "gateways that are not ours",
      [container()],
      { ...zone, topology: { ...reference, flavors: { ...reference.flavors, gateway: "external" } } },
    ],
  ],
  waitsFor: [["labels that are not known yet", [container({ labels: unknown })]]],
});
