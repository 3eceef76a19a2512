import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { pipeline } from "node:stream/promises";
import { fileAsset, type Values } from "../provider/values.ts";

/**
 * A glob of the official plugin (https://github.com/gobwas/glob with `/` as separator) as a regular expression: `*` and `?` stop at
 * a slash, `**` does not; `[a-z]`, `[!a-z]`, `{one,two}` and `\` as usual.
 */
export function globExpression(glob: string): RegExp {
  let text = "";
  let braces = 0;
  for (let index = 0; index < glob.length; index++) {
    const char = glob[index] as string;
    if (char === "*" && glob[index + 1] === "*") {
      text += ".*";
      index++;
    } else if (char === "*") text += "[^/]*";
    else if (char === "?") text += "[^/]";
    else if (char === "[") {
      const end = glob.indexOf("]", index + 1);
      if (end < 0) throw new Error(`the glob ${JSON.stringify(glob)} has a [ without its ]`);
      const set = glob.slice(index + 1, end);
      const negated = set.startsWith("!");
      text += `[${negated ? "^" : ""}${(negated ? set.slice(1) : set).replace(/[\\\]^]/g, "\\$&")}]`;
      index = end;
    } else if (char === "{") {
      braces++;
      text += "(?:";
    } else if (char === "}" && braces > 0) {
      braces--;
      text += ")";
    } else if (char === "," && braces > 0) text += "|";
    else {
      if (char === "\\") index++;
      text += (glob[index] ?? "\\").replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
    }
  }
  if (braces > 0) throw new Error(`the glob ${JSON.stringify(glob)} has a { without its }`);
  return new RegExp(`^${text}$`, "su");
}

/** Files below `directory` that the globs choose, in their order; one with `!` takes away. Keys are relative paths. */
export async function globAssets(directory: string, globs: readonly string[]): Promise<Values> {
  const rules = globs.map((glob) => ({ adds: !glob.startsWith("!"), expression: globExpression(glob.replace(/^!/, "")) }));
  const assets: Values = {};
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) continue;
    const path = relative(directory, join(entry.parentPath, entry.name));
    const chosen = rules.reduce((so, { adds, expression }) => (expression.test(path) ? adds : so), false);
    if (chosen) assets[path] = fileAsset(join(directory, path), await sha256(join(directory, path)));
  }
  return assets;
}

async function sha256(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}
