import { rule } from "../../policies/rules/pair-must-be-complete.ts";
import { reference, ruleTests, unknown, withHosts } from "./judging.ts";
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
    [
      "one balancer while the other is out of service, until it is replaced",
      ["haproxy", "keepalived"].flatMap((service) => both(service, ["dc1-platform-lb1"])),
      { topology: withHosts({ "dc1-platform-lb2": { inService: false } }) },
    ],
    [
      "one gateway while the other is out of service",
      ["keepalived", "coredns", "conntrackd"].flatMap((service) => both(service, gateways.slice(1))),
      { ...zone, topology: withHosts({ "dc1-policy-gw1": { inService: false } }) },
    ],
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
