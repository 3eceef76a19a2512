import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isPair,
  isScalar,
  LineCounter,
  type Pair,
  parseAllDocuments,
  visit,
  type YAMLMap,
} from "yaml";
import { type Locate, type Problem, shown } from "./errors.ts";
import type { Path } from "./placements.ts";

/** A file that was read as plain data: mappings, lists, texts, numbers; nothing of it executes, repeats or refers. */
export interface ParsedFile {
  readonly value: unknown;
  readonly problems: readonly Problem[];
  readonly locate: Locate;
}

const maximumBytes = 1024 * 1024;
const maximumDepth = 12;
const forbiddenKeys = new Set(["__proto__", "constructor", "prototype"]);
// Control, format and unassigned characters but the line feed: they change how a text looks where it is shown.
const hiddenCharacters = /(?!\n)[\p{C}\p{Zl}\p{Zp}]/u;

/** Reads the text of an environment file, and refuses what only hostile or broken files hold. */
export function parseFile(text: string): ParsedFile {
  const lines = new LineCounter();
  const early = (problem: Problem, offset = 0): ParsedFile => ({
    value: undefined,
    problems: [problem],
    locate: () => place(text, offset),
  });
  const bytes = Buffer.byteLength(text);
  if (bytes > maximumBytes) {
    return early({
      path: [],
      what: "too large",
      given: `${bytes} bytes`,
      allowed: `${maximumBytes} bytes`,
      fix: "split the platform",
    });
  }
  const hidden = hiddenCharacters.exec(text.replaceAll("\r\n", " \n"));
  if (hidden) {
    const code = hidden[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
    return early(
      {
        path: [],
        what: "a control or invisible character",
        given: `U+${code}`,
        allowed: "text, spaces and line ends",
        fix: "remove the character (indent with spaces)",
      },
      hidden.index,
    );
  }
  const deep = tooDeep(text);
  if (deep !== undefined) {
    return early({ path: [], what: "nested too deeply", allowed: `${maximumDepth} levels`, fix: "follow the schema" }, deep);
  }
  const documents = parseAllDocuments(text, {
    lineCounter: lines,
    uniqueKeys: false,

    prettyErrors: false,
    version: "1.2",
  });
  if (!Array.isArray(documents) || documents.length === 0) {
    return early({
      path: [],
      what: "empty",
      allowed: "one YAML document",
      fix: "describe a platform; see environments/lab.yaml",
    });
  }
  const [document, second] = documents;
  if (document === undefined || second !== undefined) {
    const what = { path: [], what: "more than one YAML document", allowed: "one", fix: "remove the line --- and what follows" };
    return early(what, second?.range[0] ?? 0);
  }
  const locate = locator(document, lines);
  const syntax = document.errors.map((error): Problem & { offset: number } => ({
    path: [],
    what: `not YAML: ${error.message.split("\n")[0] ?? "unreadable"}`,
    fix: "mend the syntax; an editor with the schema shows it",
    offset: error.pos[0],
  }));
  const [first] = syntax;
  if (first) return early(first, first.offset);
  const problems = unwanted(document);
  return { value: problems.length > 0 ? undefined : document.toJS({ maxAliasCount: 0 }), problems, locate };
}

const deepestIndent = maximumDepth * 8;

/** How far a line is indented: by spaces, or by the dashes and question marks of collections in collections. */
function indentOf(text: string, start: number): number {
  return /^[ ?:-]*/.exec(text.slice(start, start + deepestIndent + 1))?.[0].length ?? 0;
}

/** Offset at which brackets or indentation nest deeper than any environment does: the parser itself would recurse. */
function tooDeep(text: string): number | undefined {
  let depth = 0;
  if (indentOf(text, 0) > deepestIndent) return 0;
  for (let index = 0; index < text.length; index += 1) {
    const char = text[index];
    if (char === "[" || char === "{") depth += 1;
    if (char === "]" || char === "}") depth = Math.max(0, depth - 1);
    if (char === "\n" && indentOf(text, index + 1) > deepestIndent) return index + 1;
    if (depth > maximumDepth) return index;
  }
  return undefined;
}

function unwanted(document: Document.Parsed): Problem[] {
  const problems: Problem[] = [];
  visit(document, (key, node, ancestors) => {
    if (!isNode(node)) return;
    // Of most nodes nobody asks.
    const path = (): Path => (key === "key" ? pathOf(ancestors.slice(0, -1), undefined) : pathOf(ancestors, node));
    if (isAlias(node)) problems.push({ path: path(), what: "an alias", given: `*${node.source}`, fix: "write the value out" });
    else if (node.anchor !== undefined)
      problems.push({ path: path(), what: "an anchor", given: `&${node.anchor}`, fix: "remove it and write values out" });
    if (node.tag !== undefined && !standardTags.has(node.tag))
      problems.push({ path: path(), what: "a tag", given: shown(node.tag), fix: "remove it" });
    if (isMap(node)) problems.push(...keyProblems(node, path));
    if (isScalar(node) && typeof node.value === "string" && hiddenCharacters.test(node.value)) {
      problems.push({
        path: path(),
        what: "a control or invisible character in a text",
        given: shown(node.value),
        fix: "remove the character",
      });
    }
  });
  return problems;
}

function keyProblems(map: YAMLMap, mapPath: () => Path): Problem[] {
  const seen = new Set<string>();
  return map.items.flatMap(({ key }): Problem[] => {
    const name = isScalar(key) ? key.value : undefined;
    const path = (): Path => [...mapPath(), isScalar(key) ? String(name) : "?"];
    if (typeof name !== "string")
      return [{ path: path(), what: "a key that is not text", allowed: "names", fix: "quote it or rename it" }];
    if (forbiddenKeys.has(name)) return [{ path: path(), what: "a reserved key", given: name, fix: "use another name" }];
    if (seen.has(name)) return [{ path: path(), what: "the same key twice", given: shown(name), fix: "keep one of them" }];
    seen.add(name);
    return [];
  });
}

const standardTags = new Set(["str", "int", "float", "bool", "null", "map", "seq"].map((name) => `tag:yaml.org,2002:${name}`));

function pathOf(ancestors: readonly unknown[], node: unknown): Path {
  return [...ancestors, node].flatMap((step, index, steps): (string | number)[] => {
    if (isPair(step)) return [isScalar(step.key) ? String(step.key.value) : "?"];
    const parent = steps[index - 1];
    return isCollection(parent) && !isMap(parent) ? [parent.items.indexOf(step)] : [];
  });
}

/** Finds the place of a path, or of the deepest part of it that is there. */
function locator(document: Document.Parsed, lines: LineCounter): Locate {
  const known = new Map<YAMLMap, Map<unknown, Pair>>();
  const pairs = (map: YAMLMap): Map<unknown, Pair> => {
    const found = known.get(map) ?? new Map(map.items.map((pair) => [isScalar(pair.key) ? pair.key.value : undefined, pair]));
    known.set(map, found);
    return found;
  };
  return (path) => {
    let node: unknown = document.contents;
    let offset = startOf(node) ?? 0;
    for (const step of path) {
      if (isMap(node)) {
        const pair = pairs(node).get(step);
        if (!pair) break;
        offset = startOf(pair.key) ?? offset;
        node = pair.value;
      } else if (isCollection(node)) {
        node = node.items[Number(step)];
        offset = startOf(node) ?? offset;
      } else break;
    }
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
}

const startOf = (node: unknown): number | undefined => (isNode(node) ? node.range?.[0] : undefined);

function place(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  return { line: before.split("\n").length, column: offset - before.lastIndexOf("\n") };
}
