import { createReadStream, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { arch } from "node:os";
import { basename, join } from "node:path";
import type Docker from "dockerode";
import { cacheDirectory } from "../console/directories.ts";
import { UserError } from "../console/errors.ts";
import { runTool } from "../console/log.ts";
import type { Report } from "../console/steps.ts";
import { cached, cachedAlready, digestOf } from "../toolchain/cache.ts";
import { installPackages } from "./docker-package.ts";

/** Name of the label that marks images that a lab imported. */
export const imageLabel = "tandem.image";

/** Raised when what this file does to the packages' files changes. */
const recipeVersion = "3";

/** What a lab's image is made of: Debian packages, or nothing, furnished. */
export interface ImageRecipe {
  /** Its name in the engine; the tag is the recipe's digest. */
  readonly repository: string;
  /** None: the image starts from nothing. */
  readonly packages: readonly string[];
  /** Another suite of the same mirror than the one that the machine runs, as in "testing". */
  readonly suite?: string;
  /** Taken out of the packages' files. */
  readonly removed: readonly string[];
  /** All that `furnish` puts in: the same recipe on the same suite is the same image. */
  readonly contents: { readonly texts: readonly string[]; readonly files: readonly string[] };
  readonly furnish: (root: string, report: Report, signal?: AbortSignal) => Promise<void>;
  /** Instructions as in a Dockerfile. */
  readonly changes: readonly string[];
}

const recipeDigest = ({ repository, packages, suite = runningSuite(), removed, contents, changes }: ImageRecipe): string => {
  const lists = [packages, removed, changes].map((list) => list.join(" "));
  return digestOf([recipeVersion, suite, arch(), repository, ...lists, ...contents.texts], contents.files);
};

/** How an image came to be in the engine. */
export const imageOrigins = ["already there", "from the cache", "built"] as const;
export type ImageOrigin = (typeof imageOrigins)[number];

/** The image in the engine, under its tag; never pulled. */
export async function ensureImage(
  engine: Docker,
  recipe: ImageRecipe,
  report: Report,
  signal?: AbortSignal,
): Promise<{ readonly tag: string; readonly origin: ImageOrigin }> {
  const digest = recipeDigest(recipe);
  const tag = `${recipe.repository}:${digest}`;
  const images = await engine.listImages({ filters: { reference: [tag] } });
  if (images.length > 0) return { tag, origin: "already there" };
  const { file, built } = await buildImage(recipe, report, signal);
  report(`importing ${tag}`);
  await importImage(engine, file, recipe, digest);
  return { tag, origin: built ? "built" : "from the cache" };
}

/** The image as an archive in the cache; built from Debian packages when it is not there. */
export async function buildImage(
  recipe: ImageRecipe,
  report: Report,
  signal?: AbortSignal,
): Promise<{ readonly file: string; readonly built: boolean }> {
  const key = `image-${basename(recipe.repository)}-${recipeDigest(recipe)}`;
  const built = cachedAlready(key) === undefined;
  const directory = await cached(key, `building ${recipe.repository}`, (making) => build(making, recipe, report, signal));
  return { file: join(directory, "image.tar"), built };
}

/** The suite that this machine runs: its apt knows where that comes from. */
function runningSuite(): string {
  const release = existsSync("/etc/os-release") ? readFileSync("/etc/os-release", "utf8") : "";
  return /^VERSION_CODENAME=(\S+)$/m.exec(release)?.[1] ?? "unknown";
}

async function build(directory: string, recipe: ImageRecipe, report: Report, signal?: AbortSignal): Promise<void> {
  const root = join(directory, "root");
  mkdirSync(root);
  if (recipe.packages.length > 0) await unpackPackages(root, recipe, report, signal);
  await recipe.furnish(root, report, signal);
  report(`${recipe.repository}: packing`);
  const file = `--file=${join(directory, "image.tar")}`;
  await runTool("tar", ["--create", "--numeric-owner", "--sort=name", `--directory=${root}`, file, "."], {
    ...(signal && { signal }),
  });
  rmSync(root, { recursive: true, force: true });
}

async function unpackPackages(root: string, recipe: ImageRecipe, report: Report, signal?: AbortSignal): Promise<void> {
  // A given engine, or tests that begin with an image, had no need of it yet.
  await installPackages(report, signal, ["debootstrap"]);
  const { mirror, components } = await sourceOf(runningSuite());
  const packages = join(cacheDirectory, "debian-packages");
  mkdirSync(packages, { recursive: true });
  let steps = 0;
  // In namespaces of its own: whenever it ends, its mounts and processes end with it.
  const isolated = ["--mount", "--pid", "--fork", "--kill-child", "--mount-proc"];
  const options = [`--cache-dir=${packages}`, `--components=${components.join(",")}`, `--include=${recipe.packages.join(",")}`];
  const debootstrap = ["debootstrap", "--variant=minbase", ...options, recipe.suite ?? runningSuite(), root, mirror];
  await runTool("unshare", [...isolated, ...debootstrap], {
    env: { LC_ALL: "C.UTF-8" },
    onLine: (line) => {
      const [, what] = /^I: (?:Unpacking|Configuring|Retrieving) (\S+?)(?:\.\.\.)?(?: |$)/.exec(line) ?? [];
      if (what && ++steps % 20 === 0) report(`${recipe.repository}: step ${steps} of about 300, ${what}`);
    },
    ...(signal && { signal }),
  });
  for (const path of [...recipe.removed, ...alwaysRemoved]) rmSync(join(root, path), { recursive: true, force: true });
  for (const path of ["var/log", "var/cache/apt/archives/partial", "var/lib/apt/lists/partial"])
    mkdirSync(join(root, path), { recursive: true });
}

/** Documentation and package caches. */
const alwaysRemoved = [
  "/usr/share/doc",
  "/usr/share/locale",
  "/usr/share/man",
  "/var/cache/apt",
  "/var/lib/apt/lists",
  "/var/log",
] as const;

/** What is free software: Debian has all of it in one component, Ubuntu in two. */
const freeComponents = ["main", "universe"];

/** Where this machine's own apt gets the suite from. */
async function sourceOf(suite: string): Promise<{ readonly mirror: string; readonly components: readonly string[] }> {
  const format = "$(RELEASE) $(CODENAME) $(COMPONENT) $(REPO_URI)";
  const targets = await runTool("apt-get", ["indextargets", "--format", format, "Created-By: Packages"]);
  const sources = targets
    .split("\n")
    .map((line) => line.trim().split(" "))
    .filter(([release, codename]) => release === suite || codename === suite);
  const mirror = sources.find(([, , component]) => component === "main")?.[3];
  if (!mirror)
    throw new UserError(
      `images of the lab: this machine's apt has no source of suite ${suite}, component main; add one to /etc/apt/sources.list and run apt-get update`,
    );
  const there = new Set(sources.filter(([, , , uri]) => uri === mirror).map(([, , component]) => component ?? ""));
  return { mirror, components: freeComponents.filter((component) => there.has(component)) };
}

async function importImage(engine: Docker, file: string, recipe: ImageRecipe, digest: string): Promise<void> {
  const changes = [
    ...recipe.changes,
    "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    `LABEL ${imageLabel}=${basename(recipe.repository)}`,
  ];
  const stream = await engine.importImage(createReadStream(file), { repo: recipe.repository, tag: digest, changes });
  await new Promise<void>((resolve, reject) =>
    engine.modem.followProgress(stream, (error) => (error ? reject(error) : resolve())),
  );
}
