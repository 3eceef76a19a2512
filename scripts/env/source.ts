import { existsSync } from "node:fs";
import { execaSync } from "execa";
import { loadEnvironment, platforms } from "../../environments/model/load.ts";
import { readEnvironment } from "../../environments/model/read-environment.ts";
import type { Environment } from "../../environments/model/schema.ts";
import { checkout } from "../console/directories.ts";
import { UserError } from "../console/errors.ts";

/**
 * The environment that a word of the command line means: a platform, a file, `<git ref>:<platform or path>`, or a git ref alone, which
 * takes the platform or file of `other`.
 */
export function readSource(source: string, other: string): Environment {
  if (platforms().includes(source) || existsSync(source)) return loadEnvironment(source);
  const colon = source.indexOf(":");
  if (colon > 0) return readFromGit(source.slice(0, colon), source.slice(colon + 1));
  if (isCommit(source)) return readFromGit(source, other.includes(":") ? other.slice(other.indexOf(":") + 1) : other);
  const allowed = `a platform (${platforms().join(", ")}), a file, <git ref>:<platform or path>, or a git ref`;
  throw new UserError(`${source}: nothing of this name; allowed: ${allowed}`);
}

function readFromGit(ref: string, name: string): Environment {
  if (!isCommit(ref)) throw new UserError(`${ref}: no commit, branch or tag of this checkout; git log shows what there is`);
  const path = /^[a-z][a-z0-9]*$/.test(name) ? `environments/${name}.yaml` : name.replace(/^\.\//, "");
  const shown = execaSync("git", ["show", `${ref}:${path}`], { cwd: checkout, reject: false, stripFinalNewline: false });
  if (shown.failed)
    throw new UserError(`${ref}: has no file ${path}; git ls-tree --name-only ${ref} environments/ shows which it has`);
  return readEnvironment(shown.stdout, `${ref}:${path}`, { isPast: true });
}

/** A ref never begins with a hyphen: git would read it as an option. */
function isCommit(ref: string): boolean {
  if (ref.startsWith("-")) return false;
  return !execaSync("git", ["rev-parse", "--verify", "--quiet", `${ref}^{commit}`], { cwd: checkout, reject: false }).failed;
}
