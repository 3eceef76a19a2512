import { databasePaths } from "../../components/database/cluster.render.ts";
import type { Host } from "../../environments/model/topology.ts";
import { UserError } from "../console/errors.ts";
import { connectPinned } from "../console/pinned-ssh.ts";
import { loginOf } from "../deploy/drift/login.ts";
import { hostsWith, type Place as SitePlace, serviceOn, siteNamed } from "../deploy/place.ts";
import { platformInPlace } from "../deploy/platform.ts";
import { execIn } from "../docker/exec.ts";

/** A site's database as the commands reach it. */
export interface Place extends SitePlace {
  readonly members: readonly Host[];
  readonly controlPlane: readonly Host[];
}

export function placeOf(platformName: string, siteName: string | undefined): Place {
  const platform = platformInPlace(platformName);
  const site = siteNamed(platform, siteName);
  return { ...platform, site, members: hostsWith({ site }, "database"), controlPlane: hostsWith({ site }, "control-plane") };
}

/** Runs the backup or the restore program of a host; what it says meanwhile goes to `onLine`. */
export async function runBackup(
  place: Place,
  host: Host,
  [program, ...words]: readonly ["backup" | "restore", ...string[]],
  onLine: (line: string) => void,
): Promise<string> {
  const container = serviceOn(place, host, "database-backup");
  const said: string[] = [];
  const { code, stdout } = await execIn(container, ["bash", `/etc/tandem/database/${program}`, ...words], {
    onErrorLine: (line) => {
      said.push(line.replace(/^tandem: /, ""));
      onLine(said.at(-1) ?? "");
    },
  });
  if (code !== 0) throw new UserError(`${host.name}: ${said.at(-1) ?? `${program} ended with code ${code}`}`);
  return stdout;
}

/** Runs the backup program on the first member that answers. */
export async function runAnywhere(place: Place, word: "pages" | "list"): Promise<string> {
  const problems: string[] = [];
  for (const host of place.members) {
    try {
      return await runBackup(place, host, ["backup", word], () => {});
    } catch (error) {
      problems.push((error as Error).message);
    }
  }
  throw new UserError(
    `${place.site.name}: no backup container answers; run: npm run up -- --platform ${place.name}\n${problems.join("\n")}`,
  );
}

/** The client of a node's own root, by its socket. */
export const rootClient = [
  "mysql",
  "--no-defaults",
  `--socket=${databasePaths.socket}`,
  "--batch",
  "--skip-column-names",
] as const;

/** What statements say on a node, which its root runs one after the other up to the first that fails. */
export async function runSql(place: Place, host: Host, ...statements: readonly string[]): Promise<string> {
  const container = serviceOn(place, host, "database");
  const words = [...rootClient, `--execute=${statements.join("; ")}`];
  const { code, stdout, stderr } = await execIn(container, words, { user: "0" });
  if (code !== 0) throw new UserError(`${host.name}: ${stderr.trim() || `mysql ended with code ${code}`}`);
  return stdout.trim();
}

/** Runs a script on a host as root, and returns what it prints. */
export async function runAsRoot(place: Place, host: Host, script: string): Promise<string> {
  const { hostKey, knownHostsFile, ...rest } = loginOf(place, host);
  if (!hostKey) throw new UserError(`${knownHostsFile}: no ssh-ed25519 host key of ${host.name} (${rest.address}) is pinned`);
  const ssh = await connectPinned({ ...rest, hostKey });
  try {
    const { code, stdout, stderr } = await ssh.execCommand("sudo -n /bin/sh", { stdin: script });
    if (code !== 0) throw new UserError(`${host.name}: ${stderr.trim() || `ended with code ${code}`}`);
    return stdout;
  } finally {
    ssh.dispose();
  }
}

/** Decides that the cluster begins with the data of a host, which end at a position. */
export const writeBeginning = (place: Place, host: Host, position: string): Promise<string> =>
  runAsRoot(place, host, `umask 022; printf '%s\\n' '${position}' > ${databasePaths.beginning}\n`);
