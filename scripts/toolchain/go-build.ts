import { appendFileSync, chmodSync, copyFileSync, cpSync, existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runTool } from "../console/log.ts";
import { paced, type Report } from "../console/steps.ts";
import { withTemporaryDirectory } from "../console/temporary-directory.ts";
import { cached, cachedAlready, digestOf } from "./cache.ts";
import { ensureGo, isAtLeast } from "./go.ts";
import { goMinimum } from "./versions.ts";

export interface GoPart {
  /** What the executable is called. */
  readonly name: string;
  readonly version: string;
  /** The directory of the module that pins it: its go.mod and go.sum decide every dependency. */
  readonly module: string;
  /** The package to build; the module's own by default. */
  readonly package?: string;
  /** Variables that the linker sets. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Build tags. */
  readonly tags?: readonly string[];
  /** What is wrong in the sources of its dependencies, put right before they are compiled. */
  readonly corrections?: readonly Correction[];
}

/** A text of a module's file, which has it once, and what stands in its place. */
export interface Correction {
  readonly module: string;
  readonly file: string;
  readonly text: string;
  readonly corrected: string;
}

/** The cache's key of a part: its version and a digest of all that it is built from. */
export function goPartKey(part: GoPart): string {
  const files = globSync("**/*.{go,mod,sum}", { cwd: part.module }).sort();
  const digest = digestOf(
    [JSON.stringify([part.package, part.variables, part.tags, ...(part.corrections ?? [])]), ...files],
    files.map((file) => join(part.module, file)),
  );
  return `${part.name}-${part.version}-built-${process.arch}-${digest}`;
}

/** The path of a part's executable when it is built already. */
export function builtGo(part: GoPart): string | undefined {
  const directory = cachedAlready(goPartKey(part));
  return directory && join(directory, part.name);
}

/** How many modules a build can need: those of whose content go.sum has a digest. */
function modulesIn(module: string): number {
  const sums = join(module, "go.sum");
  if (!existsSync(sums)) return 0;
  const lines = readFileSync(sums, "utf8").split("\n");
  return lines.filter((line) => line !== "" && !line.includes("/go.mod ")).length;
}

/**
 * Builds an executable from a Go module, once for each version and content, and returns its path. Go's own caches (`go env GOCACHE
 * GOMODCACHE`) are used as the machine has them: Go keeps them safe for several builds at once, and all checkouts share them.
 */
export async function buildGo(part: GoPart, report: Report, signal?: AbortSignal): Promise<string> {
  const build = async (path: string): Promise<void> => {
    const go = await ensureGo(report, neededGo(part.module), signal);
    const target = part.package ?? ".";
    const linked = Object.entries(part.variables ?? {}).map(([name, value]) => `-X ${name}=${value}`);
    const tags = part.tags ? ["-tags", part.tags.join(",")] : [];
    // Without C: the machine needs no compiler, and the executable runs in any container.
    const options = { cwd: part.module, env: { CGO_ENABLED: "0", GOWORK: "off" }, ...(signal && { signal }) };
    report(`${part.name} ${part.version}: looking for Go modules`);
    const progress = paced(report);
    const most = modulesIn(part.module);
    let fetched = 0;
    const packages = await runTool(go.file, ["list", "-mod=readonly", ...tags, "-deps", target], {
      ...options,
      onLine: (line) => {
        if (line.startsWith("go: downloading "))
          progress(`${part.name} ${part.version}: fetching Go module ${++fetched} of at most ${most}`);
      },
    });
    const total = packages.split("\n").length;
    let compiled = 0;
    await withTemporaryDirectory(async (corrected) => {
      if (part.corrections) await correct(part.corrections, part.module, corrected, (words) => runTool(go.file, words, options));
      await runTool(
        go.file,
        // -v prints each package that is compiled, not those that the cache has.
        [
          "build",
          "-v",
          "-mod=readonly",
          "-trimpath",
          ...tags,
          "-ldflags",
          ["-s -w", ...linked].join(" "),
          "-o",
          join(path, part.name),
          target,
        ],
        {
          ...options,
          ...(part.corrections && { cwd: corrected }),
          onLine: (line) => {
            if (!/^[\w.~-]+(\/[\w.~-]+)*$/.test(line)) return;
            compiled++;
            progress(`${part.name} ${part.version}: compiled ${compiled} of at most ${total} packages`);
          },
        },
      );
    });
    chmodSync(join(path, part.name), 0o755);
  };
  const directory = await cached(goPartKey(part), `building ${part.name} ${part.version}`, build, { signal });
  return join(directory, part.name);
}

/**
 * Makes a module that pins the same and builds with corrected copies (https://go.dev/ref/mod#go-mod-file-replace): Go's own cache stays as it is. By
 * relative paths, which are what an executable tells of its parts: it is the same from wherever it is built.
 */
async function correct(
  corrections: readonly Correction[],
  module: string,
  directory: string,
  ask: (words: readonly string[]) => Promise<string>,
): Promise<void> {
  const file = join(directory, "go.mod");
  for (const name of ["go.mod", "go.sum"]) copyFileSync(join(module, name), join(directory, name));
  for (const [index, [name, own]] of [...Map.groupBy(corrections, (each) => each.module)].entries()) {
    const copy = join(directory, String(index));
    cpSync((await ask(["list", "-mod=readonly", "-m", "-f", "{{.Dir}}", name])).trim(), copy, { recursive: true });
    // Go's cache is read-only, and so is its copy.
    await runTool("chmod", ["-R", "u+w", copy]);
    for (const { file: path, text, corrected } of own) {
      const parts = readFileSync(join(copy, path), "utf8").split(text);
      if (parts.length !== 2)
        throw new Error(
          `${name}/${path} has ${JSON.stringify(text)} ${parts.length - 1} times, and once is corrected: compare the versions`,
        );
      writeFileSync(join(copy, path), parts.join(corrected));
    }
    appendFileSync(file, `\nreplace ${name} => ./${index}\n`);
  }
}

/** The Go version that a module asks for, where that is more than the engine's own minimum. */
function neededGo(module: string): string {
  const asked = /^go (\d+\.\d+)/m.exec(readFileSync(join(module, "go.mod"), "utf8"))?.[1] ?? goMinimum;
  return isAtLeast(asked, goMinimum) ? asked : goMinimum;
}
