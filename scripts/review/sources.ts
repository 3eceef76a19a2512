import { createHash } from "node:crypto";
import { appendFileSync, cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { knownHostsName, pinnedHostKey } from "../../environments/model/known-hosts.ts";
import { relocate } from "../../environments/model/lab.ts";
import { loadEnvironment } from "../../environments/model/load.ts";
import { readEnvironment } from "../../environments/model/read-environment.ts";
import type { Environment } from "../../environments/model/schema.ts";
import { type StackPlan, stacksOf } from "../../environments/model/stack-names.ts";
import type { Topology } from "../../environments/model/topology.ts";
import { topologyOf } from "../../environments/model/topology-of.ts";
import { checkout } from "../console/directories.ts";
import { UserError } from "../console/errors.ts";
import { runTool } from "../console/log.ts";

// The program as it is at a commit or in the checkout, copied to where nobody edits it while the engine runs.

/** What the user calls the checkout with all that is not committed. */
export const worktree = "worktree";

export interface Source {
  /** As the user named it. */
  readonly ref: string;
  /** The copy's root. */
  readonly root: string;
  /** The environment file's text. */
  readonly text: string;
  readonly topology: Topology;
  /** What each zone is for. */
  readonly purposes: Environment["zones"];
  readonly stacks: readonly StackPlan[];
}

export interface Wanted {
  readonly ref: string;
  readonly platform: string;
  /** It was judged before, by the rules of its time. */
  readonly isPast: boolean;
  /** Changes the copy before it is read. */
  readonly edit?: (root: string) => void;
  /** Of the lab that is meant, its place on its machine. */
  readonly slot?: number;
}

/** Copies the program of a commit, branch or tag, or of the worktree, and reads a platform of it. */
export async function copySource({ ref, platform, isPast, edit, slot }: Wanted, root: string): Promise<Source> {
  mkdirSync(root, { recursive: true });
  await (ref === worktree ? copyWorktree(root) : copyCommit(ref, root));
  edit?.(root);
  const file = join("environments", `${platform}.yaml`);
  if (!existsSync(join(root, file))) throw new UserError(`${ref} has no ${file}: there is no platform ${platform} in it`);
  const text = readFileSync(join(root, file), "utf8");
  const environment = isPast ? readEnvironment(text, `${ref}:${file}`, { isPast: true }) : loadEnvironment(join(root, file));
  const topology = topologyOf(slot === undefined ? environment : relocate(environment, slot));
  await linkPackages(root);
  if (topology.machines === "ssh") pinMissingHostKeys(root, topology);
  return { ref, root, text, topology, purposes: environment.zones, stacks: stacksOf(topology) };
}

async function copyWorktree(root: string): Promise<void> {
  const { stdout } = await execa("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], { cwd: checkout });
  for (const file of stdout.split("\0").filter((each) => each !== "" && existsSync(join(checkout, each)))) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    cpSync(join(checkout, file), join(root, file));
  }
}

async function copyCommit(ref: string, root: string): Promise<void> {
  const isCommit =
    !ref.startsWith("-") &&
    !(await execa("git", ["rev-parse", "--verify", "--quiet", `${ref}^{commit}`], { cwd: checkout, reject: false })).failed;
  if (!isCommit) throw new UserError(`${ref}: no commit, branch or tag of this checkout; allowed besides: ${worktree}`);
  const archive = join(root, "source.tar");
  await runTool("git", ["archive", "--format=tar", `--output=${archive}`, ref], { cwd: checkout });
  await runTool("tar", ["--extract", `--file=${archive}`, `--directory=${root}`]);
}

/** The checkout's own packages where both ask for the same; otherwise those that the copy asks for. */
async function linkPackages(root: string): Promise<void> {
  const lock = (directory: string): string => readFileSync(join(directory, "package-lock.json"), "utf8");
  if (lock(root) === lock(checkout)) symlinkSync(join(checkout, "node_modules"), join(root, "node_modules"));
  else await runTool("npm", ["ci", "--no-audit", "--no-fund"], { cwd: root });
}

/** A host whose key nobody pinned yet has a made-up one on both sides of a comparison: that is not what they differ in. */
function pinMissingHostKeys(root: string, { ssh, sites }: Topology): void {
  const file = join(root, "environments", ssh.knownHosts);
  const pinned = existsSync(file) ? readFileSync(file, "utf8") : "";
  if (pinned === "") writeFileSync(file, "");
  for (const { name, addresses } of sites.flatMap(({ zones }) => zones.flatMap(({ hosts }) => hosts))) {
    if (pinnedHostKey(pinned, addresses.management, ssh.port) !== undefined) continue;
    const key = createHash("sha256").update(name).digest("base64").slice(0, 43);
    appendFileSync(file, `${knownHostsName(addresses.management, ssh.port)} ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${key}\n`);
  }
}
