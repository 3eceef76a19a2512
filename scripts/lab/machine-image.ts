import { chmodSync, createReadStream, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { arch } from "node:os";
import { join } from "node:path";
import type Docker from "dockerode";
import { cacheDirectory } from "../console/directories.ts";
import { UserError } from "../console/errors.ts";
import { runTool } from "../console/log.ts";
import type { Report } from "../console/steps.ts";
import { cached, cachedAlready, digestOf } from "../toolchain/cache.ts";
import { machinePackages, removedPaths, renderMachineSshd, renderSudoers } from "./machine-image.render.ts";

const init = join(import.meta.dirname, "tandem-machine.sh");

/** Name of the label that marks images that a lab imported. */
export const imageLabel = "tandem.image";

/** Raised when what this file does to the packages' files changes. */
const recipeVersion = "2";

/** Digest of the recipe: the same recipe on the same suite is the same image. */
const recipeDigest = (suite: string, user: string): string =>
  digestOf([recipeVersion, suite, user, arch(), machinePackages.join(" "), renderMachineSshd(), removedPaths.join(" ")], [init]);

/** The machine image in the engine, under its tag; built from Debian packages when the cache has none, never pulled. */
export async function ensureMachineImage(
  engine: Docker,
  user: string,
  report: Report,
  signal?: AbortSignal,
): Promise<{ tag: string; outcome: string }> {
  const suite = runningSuite();
  const digest = recipeDigest(suite, user);
  const tag = `tandem-machine:${digest}`;
  const images = await engine.listImages({ filters: { reference: [tag] } });
  if (images.length > 0) return { tag, outcome: `${tag} already there` };
  const key = `machine-image-${digest}`;
  const built = cachedAlready(key) === undefined;
  const directory = await cached(key, "building the machine image", (making) => build(making, suite, user, report, signal));
  report(`importing ${tag}`);
  await importImage(engine, join(directory, "image.tar"), digest);
  return { tag, outcome: built ? `${tag} built` : `${tag} from the cache` };
}

/** The suite that this machine runs: its apt knows where that comes from. */
function runningSuite(): string {
  const release = existsSync("/etc/os-release") ? readFileSync("/etc/os-release", "utf8") : "";
  return /^VERSION_CODENAME=(\S+)$/m.exec(release)?.[1] ?? "unknown";
}

async function build(directory: string, suite: string, user: string, report: Report, signal?: AbortSignal): Promise<void> {
  const mirror = await mirrorOf(suite);
  const root = join(directory, "root");
  const packages = join(cacheDirectory, "debian-packages");
  mkdirSync(packages, { recursive: true });
  let steps = 0;
  // In namespaces of its own: whenever it ends, its mounts and processes end with it.
  const isolated = ["--mount", "--pid", "--fork", "--kill-child", "--mount-proc"];
  const debootstrap = [
    "debootstrap",
    "--variant=minbase",
    `--cache-dir=${packages}`,
    `--include=${machinePackages.join(",")}`,
    suite,
    root,
    mirror,
  ];
  await runTool("unshare", [...isolated, ...debootstrap], {
    env: { LC_ALL: "C.UTF-8" },
    onLine: (line) => {
      const [, what] = /^I: (?:Unpacking|Configuring|Retrieving) (\S+?)(?:\.\.\.)?(?: |$)/.exec(line) ?? [];
      if (what && ++steps % 20 === 0) report(`machine image: step ${steps} of about 300, ${what}`);
    },
    ...(signal && { signal }),
  });
  if (user !== "root") await runTool("chroot", [root, "useradd", "--create-home", "--shell", "/bin/bash", "--", user]);
  furnish(root, user);
  // A machine of the lab reaches nothing outside: it trusts the platform's authority alone, and taking that up takes no second.
  writeFileSync(join(root, "etc/ca-certificates.conf"), "");
  await runTool("chroot", [root, "update-ca-certificates", "--fresh"]);
  report("machine image: packing");
  await runTool(
    "tar",
    ["--create", "--numeric-owner", "--sort=name", `--directory=${root}`, `--file=${join(directory, "image.tar")}`, "."],
    {
      ...(signal && { signal }),
    },
  );
  rmSync(root, { recursive: true, force: true });
}

function furnish(root: string, user: string): void {
  for (const path of removedPaths) rmSync(join(root, path), { recursive: true, force: true });
  for (const name of readdirSync(join(root, "etc/ssh"))) if (name.startsWith("ssh_host_")) rmSync(join(root, "etc/ssh", name));
  for (const path of ["var/log", "var/cache/apt/archives/partial", "var/lib/apt/lists/partial", "etc/tandem", "etc/ssh/tandem"])
    mkdirSync(join(root, path), { recursive: true });
  writeFileSync(join(root, "etc/machine-id"), "");
  writeFileSync(join(root, "etc/ssh/sshd_config.d/00-tandem-machine.conf"), renderMachineSshd());
  if (user !== "root") writeFileSync(join(root, "etc/sudoers.d/60-tandem"), renderSudoers(user), { mode: 0o440 });
  writeFileSync(join(root, "usr/local/sbin/tandem-machine"), readFileSync(init));
  chmodSync(join(root, "usr/local/sbin/tandem-machine"), 0o755);
}

/** Where this machine's own apt gets the suite from. */
async function mirrorOf(suite: string): Promise<string> {
  const format = "$(RELEASE) $(CODENAME) $(COMPONENT) $(REPO_URI)";
  const targets = await runTool("apt-get", ["indextargets", "--format", format, "Created-By: Packages"]);
  for (const line of targets.split("\n")) {
    const [release, codename, component, uri] = line.trim().split(" ");
    if ((release === suite || codename === suite) && component === "main" && uri) return uri;
  }
  throw new UserError(
    `machine image: this machine's apt has no source of suite ${suite}, component main; add one to /etc/apt/sources.list and run apt-get update`,
  );
}

/** Imports the tar as an image that starts as a machine does. */
async function importImage(engine: Docker, file: string, digest: string): Promise<void> {
  const changes = [
    'CMD ["/usr/bin/tini","-g","--","/usr/local/sbin/tandem-machine"]',
    "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    `LABEL ${imageLabel}=machine`,
  ];
  const stream = await engine.importImage(createReadStream(file), { repo: "tandem-machine", tag: digest, changes });
  await new Promise<void>((resolve, reject) =>
    engine.modem.followProgress(stream, (error) => (error ? reject(error) : resolve())),
  );
}
