import { rule } from "../../policies/rules/database-must-have-one-writer.ts";
import { ruleTests, unknown } from "./judging.ts";
import { file } from "./shown.ts";

const member = (changes: Readonly<Record<string, string>> = {}) => {
  const settings = {
    ...{ auto_increment_increment: "1", auto_increment_offset: "1", innodb_flush_log_at_trx_commit: "1", read_only: "ON" },
    ...{ wsrep_auto_increment_control: "OFF", wsrep_cluster_address: "gcomm://10.20.12.15", ...changes },
  };
  return file(
    `[mysqld]\n${Object.entries(settings)
      .map(([key, value]) => `${key} = ${value}\n`)
      .join("")}`,
    "database-configuration",
  );
};

const balancer = (
  check = "  http-check send meth GET uri /writer ver HTTP/1.1\n",
  reject = "  tcp-request connection reject unless { nbsrv(database) eq 1 }\n",
  more = "",
) =>
  file(
    `frontend database\n${reject}  default_backend database\n\nbackend database\n${check}  server db1 10.20.12.15:3306 check port 3380${more}\n`,
    "database-haproxy",
  );

ruleTests(rule, {
  refuses: [
    [
      "numbers with holes",
      [member({ wsrep_auto_increment_control: "ON" }), balancer()],
      "stdin: wsrep_auto_increment_control of a member; given ON; allowed OFF",
    ],
    [
      "a log that a power failure loses",
      [member({ innodb_flush_log_at_trx_commit: "2" })],
      "stdin: innodb_flush_log_at_trx_commit of a member; given 2; allowed 1",
    ],
    [
      "the last word of two, in the other spelling",
      [member({ "auto-increment-offset": "2" })],
      "stdin: auto_increment_offset of a member; given 2; allowed 1",
    ],
    [
      "a balancer that takes any healthy member for the writer",
      [member(), balancer("  http-check send meth GET uri / ver HTTP/1.1\n")],
      "stdin: the balancer doesn't ask the database who its writer is",
    ],
    [
      "one that sends clients to two writers",
      [member(), balancer(undefined, "")],
      "stdin: the balancer lets clients in when two members say that they are the writer",
    ],
    [
      "one that gives the role back",
      [member(), balancer(undefined, undefined, " backup")],
      "stdin: the balancer gives the role back to a member that recovers",
    ],
    ["a core without a database", [balancer()], "no member's configuration is among the stack's files"],
  ],
  permits: [
    ["the four conditions", [member(), balancer()]],
    ["a stack that has no core", [], { stack: "reference-dc1-policy" }],
  ],
  waitsFor: [["a text that is not known yet", [member(), balancer(), file(unknown, "x")]]],
});
