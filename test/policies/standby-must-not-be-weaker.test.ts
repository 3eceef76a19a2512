import { rule } from "../../policies/rules/standby-must-not-be-weaker.ts";
import { reference, ruleTests } from "./judging.ts";
import { container } from "./shown.ts";

const without = (dead: string) => ({
  ...reference,
  sites: reference.sites.map((site) => ({
    ...site,
    zones: site.zones.map((zone) => ({ ...zone, hosts: zone.hosts.map((host) => ({ ...host, inService: host.name !== dead })) })),
  })),
});
const standby = (dead: string) => ({ stack: "reference-dc2", topology: without(dead) });

ruleTests(rule, {
  refuses: [
    [
      "a standby that lacks a database",
      [container()],
      "dc2 has fewer database hosts in service in platform than dc1; given 2; allowed at least 3",
      standby("dc2-platform-db3"),
    ],
  ],
  permits: [
    ["equal sites", [container()], { stack: "reference-dc2" }],
    ["an active site that lacks one", [container()], standby("dc1-platform-db3")],
  ],
  waitsFor: [],
});
