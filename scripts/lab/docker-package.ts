import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { UserError } from "../console/errors.ts";
import { runTool } from "../console/log.ts";
import { paced, type Report } from "../console/steps.ts";

/** Asked by Debian's packages before they start a service (Debian policy 9.3.3.2, invoke-rc.d). */
const policyFile = "/usr/sbin/policy-rc.d";
const policyMark = "# Tandem: no service starts while its package is installed";

/** Packages that a private engine and the images need, by a program that each brings. */
const needed = {
  "docker.io": "/usr/sbin/dockerd",
  containerd: "/usr/bin/containerd",
  runc: "/usr/sbin/runc",
  iptables: "/usr/sbin/iptables",
  iproute2: "/usr/sbin/ip",
  debootstrap: "/usr/sbin/debootstrap",
} as const;
type Package = keyof typeof needed;
const allNeeded = Object.keys(needed) as Package[];

/** Which of these packages this machine lacks. */
export const missingPackages = (of: readonly Package[] = allNeeded): Package[] =>
  of.filter((name) => !existsSync(needed[name]) && !existsSync(needed[name].replace("/usr/", "/usr/local/")));

/** Whether a system is one whose packages we know. What derives from them has suites of its own, or none. */
export const isDebianOrUbuntu = (osRelease: string): boolean => /^ID="?(debian|ubuntu)"?$/m.test(osRelease);

export const readOsRelease = (): string => (existsSync("/etc/os-release") ? readFileSync("/etc/os-release", "utf8") : "");

/** Installs what is missing with apt, without starting the services that the packages bring. */
export async function installPackages(
  report: Report,
  signal?: AbortSignal,
  of: readonly Package[] = allNeeded,
): Promise<readonly string[]> {
  removeLeftPolicy();
  const missing = missingPackages(of);
  if (missing.length === 0) return [];
  const own = !existsSync(policyFile);
  if (own) writeFileSync(policyFile, `#!/bin/sh\n${policyMark}\nexit 101\n`, { mode: 0o755 });
  const progress = paced(report);
  const apt = async (args: readonly string[]): Promise<void> => {
    await runTool("apt-get", ["-o", "DPkg::Lock::Timeout=300", ...args], {
      env: { DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C.UTF-8" },
      onLine: (line) => /^(Get:|Fetched|Unpacking|Setting up)/.test(line) && progress(`apt: ${line.slice(0, 100)}`),
      finishes: true,
      ...(signal && { signal }),
    });
  };
  try {
    report(`installing ${missing.join(", ")}`);
    await apt(["update"]);
    await apt(["install", "--yes", "--no-install-recommends", ...missing]);
  } finally {
    if (own) removeLeftPolicy();
  }
  const still = missingPackages(of);
  if (still.length > 0)
    throw new UserError(`packages: ${still.join(", ")} not there after their installation; install them by hand and run again`);
  return missing;
}

/** A killed installation leaves our policy behind, and no service of the machine would start by its package any more. */
export function removeLeftPolicy(): void {
  if (existsSync(policyFile) && readFileSync(policyFile, "utf8").includes(policyMark)) rmSync(policyFile);
}
