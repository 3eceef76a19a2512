import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runTool } from "../console/log.ts";
import type { ImageRecipe } from "./images.ts";
import { machinePackages, removedPaths, renderMachineSshd, renderSudoers } from "./machine-image.render.ts";

const init = join(import.meta.dirname, "tandem-machine.sh");

/** The lab's machines: Debian with SSH, as freshly installed, and an account that operators log in to. */
export const machineImage = (user: string): ImageRecipe => ({
  repository: "tandem-machine",
  packages: machinePackages,
  removed: removedPaths,
  contents: machineContents(user),
  furnish: (root) => furnishMachine(root, user),
  changes: machineChanges,
});

export const machineChanges = ['CMD ["/usr/bin/tini","-g","--","/usr/local/sbin/tandem-machine"]'] as const;

/** What `furnishMachine` puts in. */
export const machineContents = (user: string) => ({ texts: [user, renderMachineSshd()], files: [init] });

export async function furnishMachine(root: string, user: string): Promise<void> {
  if (user !== "root") await runTool("chroot", [root, "useradd", "--create-home", "--shell", "/bin/bash", "--", user]);
  // Keys that the packages made.
  for (const name of readdirSync(join(root, "etc/ssh"))) if (name.startsWith("ssh_host_")) rmSync(join(root, "etc/ssh", name));
  for (const path of ["etc/tandem", "etc/ssh/tandem"]) mkdirSync(join(root, path), { recursive: true });
  writeFileSync(join(root, "etc/machine-id"), "");
  writeFileSync(join(root, "etc/ssh/sshd_config.d/00-tandem-machine.conf"), renderMachineSshd());
  if (user !== "root") writeFileSync(join(root, "etc/sudoers.d/60-tandem"), renderSudoers(user), { mode: 0o440 });
  writeFileSync(join(root, "usr/local/sbin/tandem-machine"), readFileSync(init));
  chmodSync(join(root, "usr/local/sbin/tandem-machine"), 0o755);
  // A machine of the lab reaches nothing outside: it trusts the platform's authority alone, and taking that up takes no second.
  writeFileSync(join(root, "etc/ca-certificates.conf"), "");
  await runTool("chroot", [root, "update-ca-certificates", "--fresh"]);
}
