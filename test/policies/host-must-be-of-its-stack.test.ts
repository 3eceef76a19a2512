import { rule } from "../../policies/rules/host-must-be-of-its-stack.ts";
import { ruleTests, unknown } from "./judging.ts";
import { file } from "./shown.ts";

const at = (host: string) => [file("", "x", { connection: { host, hostKey: "ssh-ed25519 AAAAC3" } })];
const engine = (host: string) => [{ type: "pulumi:providers:docker", inputs: { host } }];

ruleTests(rule, {
  refuses: [
    [
      "a host of the other site",
      at("10.30.11.4"),
      "connection.host: dc2-platform-lb1 is not a host of reference-dc1; given 10.30.11.4; allowed an address of dc1-platform-gw1",
    ],
    ["its engine", engine("ssh://tandem@10.30.11.4:22"), "host: dc2-platform-lb1 is not a host of reference-dc1"],
    [
      "another zone's host in a zone's stack",
      at("10.20.11.4"),
      "connection.host: dc1-platform-lb1 is not a host of reference-dc1-policy",
      { stack: "reference-dc1-policy" },
    ],
    [
      "a machine that nobody declared",
      at("192.0.2.7"),
      "connection.host: a machine that the environment file doesn't name is not a host of reference-dc1",
    ],
  ],
  permits: [
    ["a host of its site", [...at("10.20.11.4"), ...engine("ssh://tandem@10.20.11.4:22")]],
    ["an engine of this machine", engine("unix:///run/docker.sock")],
  ],
  waitsFor: [["a connection that is not known yet", [file("", "x", { connection: unknown })]]],
});
