import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isPair,
  isScalar,
  LineCounter,
  type Node,
  parseAllDocuments,
  visit,
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
    stringKeys: true,
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
  const locate: Locate = (path) => locatePath(document, lines, path);
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

/** Offset at which brackets or indentation nest deeper than any environment does: the parser itself would recurse. */
function tooDeep(text: string): number | undefined {
  let depth = 0;
  for (let index = 0; index < text.length; index += 1) {
    const char = text[index];
    if (char === "[" || char === "{") depth += 1;
    if (char === "]" || char === "}") depth = Math.max(0, depth - 1);
    if (char === "\n") {
      const indent = /^[ ?-]*/.exec(text.slice(index + 1, index + 200))?.[0].length ?? 0;
      if (indent > maximumDepth * 8) return index + 1;
    }
    if (depth > maximumDepth) return index;
  }
  return undefined;
}

function unwanted(document: Document.Parsed): Problem[] {
  const problems: Problem[] = [];
  visit(document, {
    Node(_, node, ancestors) {
      const path = pathOf(ancestors, node);
      if (isAlias(node)) problems.push({ path, what: "an alias", given: `*${node.source}`, fix: "write the value out" });
      else if (node.anchor !== undefined)
        problems.push({ path, what: "an anchor", given: `&${node.anchor}`, fix: "remove it and write values out" });
      if (node.tag !== undefined && !standardTags.has(node.tag))
        problems.push({ path, what: "a tag", given: shown(node.tag), fix: "remove it" });
    },
    Map(_, map, ancestors) {
      const seen = new Set<unknown>();
      for (const { key } of map.items) {
        const name = isScalar(key) ? key.value : undefined;
        const path = [...pathOf(ancestors, map), String(name)];
        if (typeof name !== "string")
          problems.push({ path, what: "a key that is not text", allowed: "names", fix: "quote it or rename it" });
        else if (forbiddenKeys.has(name)) problems.push({ path, what: "a reserved key", given: name, fix: "use another name" });
        else if (seen.has(name)) problems.push({ path, what: "the same key twice", given: shown(name), fix: "keep one of them" });
        seen.add(name);
      }
    },
    Scalar(key, scalar, ancestors) {
      if (typeof scalar.value === "string" && hiddenCharacters.test(scalar.value)) {
        const path = key === "key" ? pathOf(ancestors.slice(0, -1), undefined) : pathOf(ancestors, scalar);
        problems.push({
          path,
          what: "a control or invisible character in a text",
          given: shown(scalar.value),
          fix: "remove the character",
        });
      }
    },
  });
  return problems;
}

const standardTags = new Set(["str", "int", "float", "bool", "null", "map", "seq"].map((name) => `tag:yaml.org,2002:${name}`));

function pathOf(ancestors: readonly unknown[], node: unknown): Path {
  return [...ancestors, node].flatMap((step, index, steps): (string | number)[] => {
    if (isPair(step)) return [isScalar(step.key) ? String(step.key.value) : "?"];
    const parent = steps[index - 1];
    return isCollection(parent) && !isMap(parent) ? [parent.items.indexOf(step)] : [];
  });
}

/** The place of a path, or of the deepest part of it that is there. */
function locatePath(document: Document.Parsed, lines: LineCounter, path: Path): { line: number; column: number } {
  let node: unknown = document.contents;
  let offset = (document.contents as Node | null)?.range?.[0] ?? 0;
  for (const step of path) {
    if (isMap(node)) {
      const pair: { key: unknown; value: unknown } | undefined = node.items.find(
        ({ key }) => isScalar(key) && key.value === step,
      );
      if (!pair) break;
      offset = (pair.key as Node).range?.[0] ?? offset;
      node = pair.value;
    } else if (isCollection(node)) {
      node = node.items[Number(step)];
      offset = (node as Node | undefined)?.range?.[0] ?? offset;
    } else break;
  }
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

function place(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  return { line: before.split("\n").length, column: offset - before.lastIndexOf("\n") };
}
