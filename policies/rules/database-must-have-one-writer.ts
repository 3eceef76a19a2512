import type { StackRule } from "../rule.ts";
import { own } from "../sources.ts";
import { hostTexts } from "../subjects.ts";

/** Settings without which kine reads a hole in its numbers as a row that it hasn't seen yet, or a power failure takes acknowledged rows. */
const needed: Readonly<Record<string, string>> = {
  wsrep_auto_increment_control: "OFF",
  auto_increment_increment: "1",
  auto_increment_offset: "1",
  innodb_flush_log_at_trx_commit: "1",
  read_only: "ON",
};

/** The last word on each setting of a my.cnf, whose keys may be written with dashes too. */
const settingsOf = (text: string): Map<string, string> =>
  new Map(
    [...text.matchAll(/^\s*([\w-]+)\s*=\s*(.*?)\s*$/gm)].map(([, key = "", value = ""]) => [key.replaceAll("-", "_"), value]),
  );

/** What the balancer's part for the database has to say, or must not. */
const balancer = [
  {
    isWrong: (backend: string): boolean => !/^\s*http-check send .*uri \/writer\b/m.test(backend),
    what: "the balancer doesn't ask the database who its writer is",
    allowed: "http-check send meth GET uri /writer",
    fix: "ask each member's page /writer: the primary component decides, not the balancer",
  },
  {
    isWrong: (_: string, text: string): boolean =>
      !/^\s*tcp-request connection reject unless \{ nbsrv\(database\) eq 1 \}/m.test(text),
    what: "the balancer lets clients in when two members say that they are the writer",
    allowed: "tcp-request connection reject unless { nbsrv(database) eq 1 }",
    fix: "add it to the frontend",
  },
  {
    isWrong: (backend: string): boolean => /^\s*server .*\bbackup\b/m.test(backend),
    what: "the balancer gives the role back to a member that recovers",
    allowed: "servers without backup",
    fix: "remove backup: the writer stays where it is until it fails",
  },
] as const;

export const rule: StackRule = {
  name: "database-must-have-one-writer",
  holds: "One member of the database takes writes, and its numbers have no holes",
  source: own(
    "docs/failover.md",
    "kine on Galera is not supported upstream; it works under conditions, of which this judges what configuration shows",
  ),
  level: "mandatory",
  *checkStack(stack) {
    if (stack.plan.kind !== "core") return;
    const { texts, unknown } = hostTexts(stack);
    const members = texts.filter(({ text }) => /^wsrep_cluster_address\s*=/m.test(text));
    for (const { resource, text } of members) {
      const settings = settingsOf(text);
      for (const [key, allowed] of Object.entries(needed))
        if (settings.get(key)?.toUpperCase() !== allowed)
          yield {
            ...{ resource, at: ["stdin"], what: `${key} of a member`, given: settings.get(key) ?? "not set", allowed },
            fix: "set it so on every member: docs/failover.md says what goes wrong otherwise",
          };
    }
    for (const { resource, text } of texts) {
      const backend = /^backend database\n(?: .*\n|\n)*/m.exec(text)?.[0];
      for (const { isWrong, ...violation } of backend === undefined ? [] : balancer)
        if (isWrong(backend ?? "", text)) yield { resource, at: ["stdin"], ...violation };
    }
    if (unknown !== undefined) throw unknown;
    if (members.length === 0)
      yield {
        what: "no member's configuration is among the stack's files",
        allowed: "a my.cnf with wsrep_cluster_address a member",
        fix: "leave it to MysqlCluster to write them",
      };
  },
};
