import { type ChildProcess, execFileSync, type StdioOptions } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildImage, type ImageRecipe } from "../../scripts/lab/images.ts";
import { spawnOwned, whenInterrupted } from "./interrupted.ts";

// Programs from the lab's images, run without an engine in a network of their own.

/** An image's root, below a directory of its own; it is removed when this run is interrupted. */
export async function unpacked(
  recipe: ImageRecipe,
): Promise<{ readonly directory: string; readonly root: string; readonly remove: () => void }> {
  const { file } = await buildImage(recipe, () => {});
  const directory = mkdtempSync(join(tmpdir(), "tandem-image-"));
  const remove = (): void => rmSync(directory, { recursive: true, force: true });
  whenInterrupted(remove);
  // Also when what comes next fails.
  process.once("exit", remove);
  const root = join(directory, "root");
  mkdirSync(root);
  execFileSync("tar", ["--extract", `--file=${file}`, `--directory=${root}`]);
  return { directory, root, remove };
}

/** Runs a script in another process's network, in a namespace of processes: what was begun there ends with it, also when this run is interrupted. */
export const inNetworkOf = (process: number | undefined, script: string, stdio: StdioOptions): ChildProcess =>
  spawnOwned(
    "nsenter",
    ["--net", `--target=${process}`, "unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-ec", script],
    { stdio },
  );
