import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** Commits all of a copied checkout, a repository from the first time on, so that what is edited then can be compared with it. */
export function commitAll(checkout: string): void {
  const git = (...words: string[]): unknown => execFileSync("git", words, { cwd: checkout, stdio: "pipe" });
  git("init", "--quiet");
  // Packages are a link here, which the checkout's own list of directories doesn't mean.
  writeFileSync(join(checkout, ".git", "info", "exclude"), "node_modules\n");
  git("add", "--all");
  git("-c", "user.name=test", "-c", "user.email=test@localhost", "commit", "--quiet", "--message=all");
}
