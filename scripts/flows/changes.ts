import type { Connection, FlowChanges } from "../../environments/model/flows/compare.ts";

const line = ({ from, to, plane, protocol, port, rows }: Connection): string =>
  `${from} to ${to}, ${protocol}${port === undefined ? "" : ` ${port}`}, plane ${plane} (${rows.join(", ")})`;

/** Connections that a change opens and closes, for a terminal. */
export function renderFlowChanges({ opened, closed }: FlowChanges, a: string, b: string): string {
  if (opened.length + closed.length === 0) return `${a} and ${b}: the same connections\n`;
  return [
    `${a} -> ${b}: ${opened.length} opened, ${closed.length} closed`,
    ...opened.map((connection) => `+ ${line(connection)}`),
    ...closed.map((connection) => `- ${line(connection)}`),
    "",
  ].join("\n");
}

/** The same for a pull request. */
export function renderFlowChangesMarkdown({ opened, closed }: FlowChanges, a: string, b: string): string {
  if (opened.length + closed.length === 0) return `**${a} and ${b}: the same connections**\n`;
  const row = (sign: string, { from, to, plane, protocol, port, rows }: Connection): string =>
    `| ${sign} | ${from} | ${to} | ${plane} | ${protocol} ${port ?? ""} | ${rows.join(", ")} |`;
  return [
    `**${a} → ${b}: ${opened.length} opened, ${closed.length} closed**`,
    "",
    "| | from | to | plane | port | by |",
    "|---|---|---|---|---|---|",
    ...opened.map((connection) => row("opened", connection)),
    ...closed.map((connection) => row("closed", connection)),
    "",
  ].join("\n");
}
