import { changeCount, describeChanges } from "../deploy/summary.ts";
import type { Cause } from "./causes.ts";
import { connectionLines } from "./connection-lines.ts";
import type { Page } from "./page.ts";

/** A comment of a pull request takes 65,536 characters; what of a page is left out is in the other formats. */
export const mostCharacters = 60_000;
const mostSubjects = 8;
const mostLines = 40;
const mostConnectionLines = 100;

/** The page for a pull request: what matters first, the rest folded, and no longer than a comment may be. */
export const renderMarkdown = (page: Page): string => `${fitted(partsOf(page))}\n`;

/** All of the page. */
export const renderWhole = (page: Page): string => `${partsOf(page).join("\n\n")}\n`;

function partsOf(page: Page): string[] {
  if (page.verdict === "no change" && page.unjudged.length === 0) return [head(page)];
  const parts = [findings(page), outages(page), rollout(page), connections(page), texts(page), unjudged(page), foot(page)];
  return [head(page), ...parts.filter(Boolean)];
}

/** Parts come in the order of what a reviewer needs. Of the first that doesn't fit there are as many rows as do, unless it is folded. */
function fitted(parts: readonly string[]): string {
  const note = "\n\n*The rest doesn't fit into a comment: see it with `--format html`.*";
  let text = "";
  for (const part of parts) {
    const apart = text === "" ? "" : "\n\n";
    if (text.length + apart.length + part.length + note.length > mostCharacters) {
      const room = mostCharacters - text.length - apart.length - note.length;
      const rows = part.startsWith("<details>") ? "" : part.slice(0, part.lastIndexOf("\n", room) + 1).trimEnd();
      return `${text}${rows === "" ? "" : apart}${rows}${note}`;
    }
    text += apart + part;
  }
  return text;
}

function head({ platform, base, head: ref, verdict, changes, sites, zones }: Page): string {
  const where =
    sites.length > 0 ? `; ${counted(sites.length, "site")} (${sites.join(", ")}), ${counted(zones.length, "zone")}` : "";
  return `**${platform}, ${escaped(base)} → ${escaped(ref)}: ${verdict}** · ${describeChanges(changes)}${where}`;
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;

/** What is the same of several subjects is one row. */
function findings({ findings: all }: Page): string {
  if (all.length === 0) return "";
  const alike = Map.groupBy(all, ({ weight, what, causes }) => JSON.stringify([weight, what, causes]));
  const rows = [...alike.values()].flatMap((same) =>
    same.slice(0, 1).map(({ weight, what, todo, causes }) => {
      const subjects = same.slice(0, mostSubjects).map(({ subject }) => cell(subject));
      const more = same.length > mostSubjects ? ` and ${same.length - mostSubjects} more` : "";
      const why = `${causes.slice(0, 3).map(causeText).join("<br>")}${causes.length > 3 ? "<br>…" : ""}`;
      const each = same.length > 1 ? "; the same with each of them" : "";
      return `| ${weight === "dangerous" ? "🛑" : "⚠️"} | ${subjects.join(", ")}${more} | ${cell(what)} | ${why} | ${cell(todo)}${each} |`;
    }),
  );
  return ["| | what | | why | what to do |", "|---|---|---|---|---|", ...rows].join("\n");
}

export const causeText = ({ file, line, field }: Cause): string =>
  `\`${file}${line === undefined ? "" : `:${line}`}\`${field === undefined ? "" : ` ${cell(field)}`}`;

function outages({ restarts }: Page): string {
  if (restarts.length === 0) return "";
  const rows = restarts.map(({ service, zone, hosts, because, outages: all, without }) => {
    const seconds = all.map(({ client, seconds: most }) => `${client} ${most} s`).join(", ");
    const seen = [seconds, without].filter(Boolean).join("; ");
    return `| ${service} | ${zone} | ${hosts.length} | ${seen || "none"} | ${cell(because.join(", "))} |`;
  });
  return [
    "Starts again, one host after another; at most this long for its clients each time:",
    "",
    "| service | zone | hosts | clients see | because of |",
    "|---|---|---|---|---|",
    ...rows,
  ].join("\n");
}

function rollout({ rollout: phases }: Page): string {
  if (phases.length === 0) return "";
  const lines = phases.flatMap(({ title, waitsFor, stacks }, index) => [
    `${index + 1}. **${title}**${waitsFor ? `: ${waitsFor}` : ""}`,
    ...stacks.map(
      ({ name, changes, hosts }) => `   - ${name}: ${describeChanges(changes)}${hosts.length > 0 ? `: ${hosts.join(", ")}` : ""}`,
    ),
  ]);
  const stacks = phases.flatMap((phase) => phase.stacks).filter(({ changes }) => changeCount(changes) > 0).length;
  return folded(`Roll-out: ${counted(stacks, "stack")} in ${counted(phases.length, "phase")}`, lines.join("\n"));
}

function connections({ connections: { opened, closed }, hostConnections }: Page): string {
  const ofHosts = hostConnections.opened.length + hostConnections.closed.length;
  if (opened.length + closed.length + ofHosts === 0) return "";
  const zones = signedLines({ opened, closed });
  const hosts = `Between hosts: ${hostConnections.opened.length} opened, ${hostConnections.closed.length} closed`;
  return folded(
    `Connections between zones: ${opened.length} opened, ${closed.length} closed`,
    [zones, folded(hosts, signedLines(hostConnections))].filter(Boolean).join("\n\n"),
  );
}

function signedLines({ opened, closed }: Page["connections"]): string {
  const all = [...connectionLines(opened).map((line) => `+ ${line}`), ...connectionLines(closed).map((line) => `- ${line}`)];
  if (all.length === 0) return "";
  const more = all.length > mostConnectionLines ? [`… ${all.length - mostConnectionLines} lines more`] : [];
  return ["```diff", ...all.slice(0, mostConnectionLines), ...more, "```"].join("\n");
}

function texts({ texts: all }: Page): string {
  if (all.length === 0) return "";
  const blocks = all.map(({ name, of, hosts, lines }) => {
    const title = `**${name}** on ${hosts.length === 1 ? hosts[0] : `${hosts.length} ${of}`}`;
    if (lines.length === 0) return `${title}: secret, not shown`;
    const more = lines.length > mostLines ? [`… ${lines.length - mostLines} lines more`] : [];
    return [title, "", "```diff", ...lines.slice(0, mostLines).map((line) => line.slice(0, 240)), ...more, "```"].join("\n");
  });
  return folded(`Texts on hosts: ${all.length}`, blocks.join("\n\n"));
}

const unjudged = ({ unjudged: all }: Page): string =>
  all.length === 0 ? "" : ["Not judged:", "", ...all.map((each) => `- ${cell(each).slice(0, 600)}`)].join("\n");

const foot = ({ platform, digest }: Page): string =>
  digest === undefined
    ? "Nothing of this can be approved as it is."
    : `These steps and no others: \`npm run up -- --platform ${platform} --approved ${digest}\``;

const folded = (title: string, text: string): string => `<details><summary>${title}</summary>\n\n${text}\n\n</details>`;

const escaped = (text: string): string => text.replaceAll(/[\\|`*_<>[\]]/g, (character) => `\\${character}`);
const cell = (text: string): string => escaped(text).replaceAll("\n", " ");
