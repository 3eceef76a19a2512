import type { Change } from "./compare.ts";

const signs = { added: "+", removed: "-", changed: "~" } as const;

/** Changes as lines for a terminal. */
export function renderText(changes: readonly Change[], from: string, to: string): string {
  if (changes.length === 0) return `${from} and ${to}: no difference\n`;
  const lines = changes.flatMap((change) => {
    const head = `${signs[change.change]} ${change.kind} ${change.name}`;
    return change.change === "changed"
      ? [head, ...change.facts.map((fact) => `    ${factText(fact)}`)]
      : [`${head}  ${described(change)}`.trimEnd()];
  });
  return `${from} -> ${to}: ${counted(changes)}\n${lines.join("\n")}\n`;
}

/** Changes as a table for a pull request. */
export function renderMarkdown(changes: readonly Change[], from: string, to: string): string {
  if (changes.length === 0) return `**${escapeCell(from)} and ${escapeCell(to)}: no difference**\n`;
  const rows = changes.map((change) => {
    const what = change.change === "changed" ? change.facts.map(factText).join("; ") : described(change);
    return `| ${change.change} | ${change.kind} | ${escapeCell(change.name)} | ${escapeCell(what)} |`;
  });
  return [
    `**${escapeCell(from)} → ${escapeCell(to)}: ${counted(changes)}**`,
    "",
    "| | kind | name | what |",
    "|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}

function counted(changes: readonly Change[]): string {
  return (["added", "removed", "changed"] as const)
    .map((kind) => ({ kind, count: changes.filter(({ change }) => change === kind).length }))
    .filter(({ count }) => count > 0)
    .map(({ kind, count }) => `${count} ${kind}`)
    .join(", ");
}

const factText = ({ fact, before, after }: Change["facts"][number]): string =>
  `${fact}: ${before || "none"} -> ${after || "none"}`;

const described = ({ facts }: Change): string => facts.map(({ fact, before, after }) => `${fact} ${after ?? before}`).join(", ");

/** Cells of a Markdown table, whatever a user typed. */
const escapeCell = (text: string): string => text.replaceAll(/[\\|`*_<>[\]]/g, (char) => `\\${char}`).replaceAll("\n", " ");
