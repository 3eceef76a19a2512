import { rule } from "../../policies/rules/quorum-must-span-racks.ts";
import { reference, ruleTests, unknown } from "./judging.ts";
import { container } from "./shown.ts";

const database = ["db1", "db2", "db3"].map((name) => container({}, { service: "database", host: `dc1-platform-${name}` }));
const inOneRack = {
  ...reference,
  sites: reference.sites.map((site) => ({
    ...site,
    zones: site.zones.map((zone) => ({
      ...zone,
      hosts: zone.hosts.map((host) => (host.shortName === "db3" ? { ...host, rack: "r1" } : host)),
    })),
  })),
};

ruleTests(rule, {
  refuses: [
    [
      "two members in one rack",
      database,
      "members of database fail together with rack r1; given dc1-platform-db1, dc1-platform-db3",
      { topology: inOneRack },
    ],
  ],
  permits: [["each in its own", database]],
  waitsFor: [["labels that are not known yet", [container({ labels: unknown })]]],
});
