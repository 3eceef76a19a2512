import { writeFileSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { withTemporaryDirectory } from "../console/temporary-directory.ts";
import { administratorKubeconfig } from "../deploy/stack-outputs.ts";
import { openPlatform } from "../deploy/surroundings.ts";
import { ensureKubernetesBinaries } from "../toolchain/kubernetes-binaries.ts";
import { requireLab } from "./instance.ts";
import { findSite, labTopology } from "./machines.ts";

/** Standard output is kubectl's own. */
const report = (text: string): void => void process.stderr.write(`${text}\n`);

/** kubectl as the administrator of a site's cluster, through the API's VIP. */
export interface Administrator {
  readonly program: string;
  readonly env: Readonly<Record<string, string>>;
}

/** The credentials are written to a directory that only its owner reads and that is gone afterwards. */
export async function administratorOf(siteName: string | undefined, directory: string): Promise<Administrator> {
  const lab = requireLab();
  const site = findSite(labTopology(lab), siteName);
  const { project, topology } = await openPlatform("lab", report);
  const { kubectl: program } = await ensureKubernetesBinaries(["kubectl"], report);
  const file = join(directory, `kubeconfig-${site.name}`);
  const kubeconfig = await administratorKubeconfig(project, topology.platform, site.name, "kubectl logs in with");
  writeFileSync(file, kubeconfig, { mode: 0o600 });
  // What it remembers of a cluster goes with the lab.
  return { program, env: { KUBECONFIG: file, KUBECACHEDIR: join(lab.directory, "kubectl") } };
}

/** Runs kubectl as a user types it, and returns its exit code. */
export async function kubectl(siteName: string | undefined, words: readonly string[]): Promise<number> {
  return await withTemporaryDirectory(async (directory) => {
    const { program, env } = await administratorOf(siteName, directory);
    // Ctrl-C reaches kubectl too, and the file is to be removed when it has ended.
    for (const name of ["SIGINT", "SIGHUP"] as const) process.on(name, () => {});
    const child = execa(program, words, { stdio: "inherit", reject: false, env });
    process.on("SIGTERM", () => child.kill("SIGTERM"));
    const { exitCode, signal } = await child;
    return exitCode ?? 128 + (signal ? constants.signals[signal] : 0);
  });
}
