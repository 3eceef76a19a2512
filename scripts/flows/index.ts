import { Argument, Command, InvalidArgumentError, Option } from "commander";
import { gatewayDevices, hostDevices } from "../../components/network/devices.render.ts";
import { renderGatewayRules } from "../../components/network/gateway.render.ts";
import { renderHostRules } from "../../components/network/host-rules.render.ts";
import { compareFlows } from "../../environments/model/flows/compare.ts";
import { crossingsOf } from "../../environments/model/flows/crossings.ts";
import { findingsOf } from "../../environments/model/flows/findings.ts";
import { answer, gatewaysBetween, placeOf } from "../../environments/model/flows/reach.ts";
import { type FlowRow, flowTable, type Protocol, rowsByReceiver, rowsByZone } from "../../environments/model/flows/table.ts";
import { loadEnvironment } from "../../environments/model/load.ts";
import { type Plane, planes, type Site, type Topology } from "../../environments/model/topology.ts";
import { topologyOf } from "../../environments/model/topology-of.ts";
import { main, UserError } from "../console/errors.ts";
import { readSource } from "../env/source.ts";
import { renderFlowChanges, renderFlowChangesMarkdown } from "./changes.ts";
import { renderMatrix, renderMatrixMarkdown } from "./matrix.ts";
import { renderFlowPicture } from "./picture.ts";
import { renderCsv, renderSheetMarkdown } from "./sheet.ts";
import { verifyFlows } from "./verify/index.ts";
import { renderAnswer } from "./why.ts";

const out = (text: string): boolean => process.stdout.write(text);

interface Of {
  readonly platform: string;
  readonly site?: string;
}

const topologyNamed = (platform: string): Topology => topologyOf(loadEnvironment(platform));

function siteOf(topology: Topology, name: string | undefined): Site {
  const site = name === undefined ? topology.sites[0] : topology.sites.find((one) => one.name === name);
  if (!site)
    throw new UserError(`${name}: no site of ${topology.platform}; allowed: ${topology.sites.map((one) => one.name).join(", ")}`);
  return site;
}

function matrix({ platform, site, plane, source, format }: Of & { plane?: Plane; source: string; format: string }): void {
  const topology = topologyNamed(platform);
  const table = flowTable(topology);
  const rows = table.filter((row) => source === "all" || row.source === source);
  const render = format === "markdown" ? renderMatrixMarkdown : renderMatrix;
  out(render(rows, siteOf(topology, site), plane ? [plane] : planes));
  if (format === "markdown") return;
  const crossings = crossingsOf(table).map(({ from, to, by }) => `${from} to ${to} by ${by.join(", then ")}`);
  if (crossings.length > 0)
    out(`\nways from zone to zone, each by an exception:\n${[...new Set(crossings)].map((one) => `  ${one}\n`).join("")}`);
  const findings = findingsOf(topology, table, new Date().toISOString().slice(0, 10));
  if (findings.length > 0) out(`\nto be looked at:\n${findings.map(({ flow, what }) => `  ${flow}: ${what}\n`).join("")}`);
}

function why(
  from: string,
  to: string,
  port: number,
  { platform, plane, protocol }: Of & { plane: Plane; protocol: Protocol },
): void {
  const topology = topologyNamed(platform);
  const [source, target] = [from, to].map((word) => {
    const place = placeOf(topology, word, plane);
    if (place) return place;
    const allowed =
      "a host as in dc1-internet-wk1, a zone's applications as in dc1-internet, a VIP as in dc1-platform/database, an address, operators, or a name under networks";
    throw new UserError(`${word}: nothing on plane ${plane} of ${platform}; allowed: ${allowed}`);
  }) as [NonNullable<ReturnType<typeof placeOf>>, NonNullable<ReturnType<typeof placeOf>>];
  const question = { from: source, to: target, plane, protocol, port };
  const found = answer(flowTable(topology), question);
  out(renderAnswer(question, found));
  process.exitCode = found.stoppedBy === undefined ? 0 : 1;
}

function diff(a: string, b: string, { hosts, format }: { hosts?: true; format: string }): void {
  const [before, after] = [readSource(a, b), readSource(b, a)].map((environment) => flowTable(topologyOf(environment))) as [
    FlowRow[],
    FlowRow[],
  ];
  const changes = compareFlows(before, after, hosts ? "hosts" : "zones");
  if (format === "json") out(`${JSON.stringify(changes, null, 2)}\n`);
  else out((format === "markdown" ? renderFlowChangesMarkdown : renderFlowChanges)(changes, a, b));
}

/** What enforces rows: a zone's gateways, or one host that is none. */
interface Enforcer {
  /** Those that it has to do with. */
  readonly rows: readonly FlowRow[];
  readonly rules: () => string;
}

function enforcerNamed(topology: Topology, table: readonly FlowRow[], name: string | undefined): Enforcer {
  const zones = topology.sites.flatMap((site) => site.zones.map((zone) => ({ site, zone, name: `${site.name}-${zone.name}` })));
  for (const { site, zone, name: zoneName } of zones) {
    if (zoneName === name) {
      const rules = () =>
        renderGatewayRules(topology, site, zone, gatewayDevices(topology, zone), rowsByZone(table).get(zoneName) ?? []);
      return { rows: table.filter(({ from, to }) => gatewaysBetween(from, to).includes(zoneName)), rules };
    }
    const host = zone.hosts.find((one) => one.name === name && one.role !== "gateway");
    if (host) {
      const rows = rowsByReceiver(table).get(host.name) ?? [];
      return { rows, rules: () => renderHostRules(topology, zone, host, hostDevices(topology, zone), rows) };
    }
  }
  const what =
    name === undefined
      ? "missing; rules are those of one zone's gateways, or of one host"
      : "neither a zone nor a host that is no gateway";
  throw new UserError(`--of ${name ?? ""}: ${what}; allowed: ${zones.map((one) => one.name).join(", ")}, or a host's name`);
}

function exportTable({ platform, site, of, format }: Of & { of?: string; format: string }): void {
  const topology = topologyNamed(platform);
  const table = flowTable(topology);
  if (format === "nftables") {
    out(enforcerNamed(topology, table, of).rules());
    return;
  }
  const rows = of === undefined ? table : enforcerNamed(topology, table, of).rows;
  const ofSite =
    site === undefined ? rows : rows.filter(({ from, to }) => [from.site, to.site].includes(siteOf(topology, site).name));
  if (format === "svg") out(renderFlowPicture(topology.platform, siteOf(topology, site), rows));
  else out((format === "csv" ? renderCsv : renderSheetMarkdown)(ofSite));
}

const seedNumber = (text: string): number => {
  if (!/^\d{1,10}$/.test(text)) throw new InvalidArgumentError("allowed: a whole number");
  return Number(text);
};

const portNumber = (text: string): number => {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65535) throw new InvalidArgumentError("allowed: 1 to 65535");
  return port;
};

await main(async () => {
  const program = new Command("flows").description("Who may connect to whom: the one table that all rules come from");
  const platform = (): Option => new Option("--platform <platform>", "a platform or a file").default("reference");
  const site = (): Option => new Option("--site <site>", "default: the active site");
  program
    .command("matrix")
    .description("what may connect from zone to zone, plane by plane")
    .addOption(platform())
    .addOption(site())
    .addOption(new Option("--plane <plane>", "only this one").choices(planes))
    .addOption(new Option("--source <source>", "whose flows").choices(["business", "platform", "all"]).default("all"))
    .addOption(new Option("--format <format>", "how").choices(["text", "markdown"]).default("text"))
    .action(matrix);
  program
    .command("why")
    .description("which rows permit a connection, or what stops it first; fails where it is stopped")
    .argument("<from>", "a host, <site>-<zone>, <site>-<zone>/<vip>, an address, operators, or a name under networks")
    .argument("<to>", "the same")
    .addArgument(new Argument("<port>", "destination port").argParser(portNumber))
    .addOption(platform())
    .addOption(new Option("--plane <plane>", "on which").choices(planes).default("business"))
    .addOption(new Option("--protocol <protocol>", "which").choices(["tcp", "udp", "icmp", "vrrp"]).default("tcp"))
    .action(why);
  program
    .command("diff")
    .description("connections that a change opens and closes")
    .argument("<a>", "a platform, a file, <git ref>:<platform or path>, or a git ref")
    .argument("<b>", "the same")
    .option("--hosts", "address by address, not zone by zone")
    .addOption(new Option("--format <format>", "how").choices(["text", "markdown", "json"]).default("text"))
    .action(diff);
  program
    .command("export")
    .description("the table as a sheet or a picture, or the rules that follow for a zone's gateways or a host")
    .addOption(platform())
    .addOption(new Option("--site <site>", "only this one; a picture shows one, by default the active one"))
    .addOption(new Option("--format <format>", "how").choices(["nftables", "csv", "markdown", "svg"]).default("csv"))
    .addOption(
      new Option("--of <site-zone or host>", "only what a zone's gateways let pass, or what a host takes; needed for nftables"),
    )
    .action(exportTable);
  program
    .command("verify")
    .description(
      "packets between the hosts of different zones, over SSH: do the gateways, yours or the company's own, do what the table says?",
    )
    .addOption(new Option("--platform <platform>", "whose hosts: reached by their addresses").makeOptionMandatory())
    .option("--site <site>", "only between this site's zones")
    .option("--full", "every host to every other zone's by every port, not a sample")
    .addOption(new Option("--seed <number>", "the sample of an earlier run again").argParser(seedNumber))
    .option("--yes", "real hosts without asking")
    .action(async (options) => {
      process.exitCode = (await verifyFlows(options)) ? 0 : 1;
    });
  await program.parseAsync();
  return process.exitCode === 1 ? 1 : 0;
});
