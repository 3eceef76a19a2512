import { gatewaysBetween } from "../../environments/model/flows/reach.ts";
import type { FlowRow } from "../../environments/model/flows/table.ts";

const columns = [
  ["flow", (row: FlowRow) => row.name],
  ["from", (row: FlowRow) => where(row.from)],
  ["source addresses", (row: FlowRow) => row.from.cidrs.join(" ")],
  ["to", (row: FlowRow) => where(row.to)],
  ["destination addresses", (row: FlowRow) => row.to.cidrs.join(" ")],
  ["plane", (row: FlowRow) => row.plane],
  ["protocol", (row: FlowRow) => row.protocol],
  ["destination ports", (row: FlowRow) => row.ports.join(" ")],
  ["gateways", (row: FlowRow) => gatewaysBetween(row.from, row.to).join(" ")],
  ["purpose", (row: FlowRow) => row.purpose],
  ["owner", (row: FlowRow) => row.owner],
  ["exception until", (row: FlowRow) => row.exception?.expires ?? ""],
  ["exception's owner", (row: FlowRow) => row.exception?.owner ?? ""],
  ["exception's reason", (row: FlowRow) => row.exception?.reason ?? ""],
] as const;

const where = ({ site, label }: FlowRow["from"]): string => (site === undefined ? label : `${site}: ${label}`);

const quoted = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** The sheet that a firewall team implements: a row a permitted kind of connection, and the zones whose gateways it passes, as RFC 4180 has it. */
export function renderCsv(rows: readonly FlowRow[]): string {
  const lines = [columns.map(([name]) => name), ...rows.map((row) => columns.map(([, value]) => value(row)))];
  return lines.map((cells) => `${cells.map(quoted).join(",")}\r\n`).join("");
}

/** The same for people. */
export function renderSheetMarkdown(rows: readonly FlowRow[]): string {
  const cell = (text: string): string => text.replaceAll("|", "\\|");
  return [
    `| ${columns.map(([name]) => name).join(" | ")} |`,
    `|${columns.map(() => "---|").join("")}`,
    ...rows.map((row) => `| ${columns.map(([, value]) => cell(value(row))).join(" | ")} |`),
    "",
  ].join("\n");
}
