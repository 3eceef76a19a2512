import { rule } from "../../policies/rules/vip-must-be-unique.ts";
import { ruleTests, unknown } from "./judging.ts";
import { file } from "./shown.ts";

const instance = (name: string, id: number, address: string, of = "eth1") =>
  file(
    `vrrp_instance ${name} {\n  interface ${of}\n  virtual_router_id ${id}\n  virtual_ipaddress {\n    ${address}/32 dev ${of}\n  }\n}\n`,
    `${name}-${id}-${address}-${of}`,
  );

ruleTests(rule, {
  refuses: [
    [
      "two services of one router id",
      [instance("database", 3, "10.20.12.7"), instance("registry", 3, "10.20.12.8")],
      "stdin: router id 3 on eth1 is of several services; given database and registry",
    ],
    [
      "two services of one address",
      [instance("database", 3, "10.20.12.7"), instance("registry", 4, "10.20.12.7")],
      "stdin: VIP 10.20.12.7 is of several services; given database and registry",
    ],
    [
      "a pair with two ids",
      [instance("database", 3, "10.20.12.7"), instance("database", 4, "10.20.12.7")],
      "stdin: database has different router ids on its hosts; given 3 and 4",
    ],
    [
      "a pair with two addresses",
      [instance("database", 3, "10.20.12.7"), instance("database", 3, "10.20.12.9")],
      "stdin: database has different addresses on its hosts; given 10.20.12.7 and 10.20.12.9",
    ],
  ],
  permits: [
    [
      "a pair that means the same",
      [instance("database", 3, "10.20.12.7"), { ...instance("database", 3, "10.20.12.7"), name: "other" }],
    ],
    ["one id on two networks", [instance("business", 1, "10.20.40.1"), instance("storage", 1, "10.20.42.1", "eth2")]],
  ],
  waitsFor: [["a text that is not known yet", [instance("database", 3, "10.20.12.7"), file(unknown, "x")]]],
});
