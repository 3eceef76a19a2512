import type { Host } from "../../environments/model/topology.ts";
import { backupVolume } from "../../environments/model/volumes.ts";
import { main, UserError } from "../console/errors.ts";
import { interruptSignal } from "../console/steps.ts";
import { command } from "../deploy/cli.ts";
import { confirmed, requireTerminal } from "../deploy/confirm.ts";
import { withPlatformLock } from "../deploy/exclusive.ts";
import { openPlatform } from "../deploy/surroundings.ts";
import { bringIn } from "./bring-in.ts";
import { backupNode, beginningOn, entranceOf, restoreNode, restoreTime } from "./plan.ts";
import { type Place, placeOf, runAnywhere, runBackup, writeBeginning } from "./reach.ts";
import { readBackups, readPages, restoredShape } from "./read.ts";
import { renderRestored, renderStatus, unwell } from "./report.ts";

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** Progress with the seconds since the command began, where it leaves standard output to the result. */
function progress(): (line: string) => void {
  const start = performance.now();
  return (line) => void process.stderr.write(`${((performance.now() - start) / 1000).toFixed(1).padStart(6)} s  ${line}\n`);
}

const targetOf = ({ topology }: Place): string => {
  const { fullEveryHours, keepDays, sizeGib } = topology.backup;
  const rule = `full every ${fullEveryHours} h, kept ${keepDays} days, binary logs every 10 s`;
  return `${rule}; on the site's NAS in ${backupVolume(topology).directory}, up to ${sizeGib} GiB: npm run nas -- status`;
};

async function status(place: Place): Promise<number> {
  const nodes = readPages(await runAnywhere(place, "pages"));
  const backups = readBackups(await runAnywhere(place, "list"));
  const { topology, site } = place;
  const now = Date.now();
  const { fullEveryHours } = topology.backup;
  const title = `${site.name}: ${topology.flavors.database}, ${nodes.length} nodes`;
  say(renderStatus({ title, target: targetOf(place), fullEveryHours }, nodes, backups, now));
  return unwell(nodes, backups, fullEveryHours, now).length === 0 ? 0 : 1;
}

function memberOf(place: Place, name: string): Host {
  const host = place.members.find((member) => member.name === name);
  if (!host)
    throw new UserError(
      `${JSON.stringify(name)}: no database host of ${place.site.name}; allowed are ${place.members.map((member) => member.name).join(", ")}`,
    );
  return host;
}

async function backup(place: Place): Promise<void> {
  const host = memberOf(place, backupNode(readPages(await runAnywhere(place, "pages"))));
  const [full] = readBackups(await runBackup(place, host, ["backup", "full"], progress())).fulls;
  say(`${place.site.name}: ${full?.name} was made, restored and found sound`);
}

interface RestoreOptions {
  readonly to: string;
  readonly intoCluster?: true;
  readonly site?: string;
  readonly yes?: true;
}

async function restore(place: Place, { to, intoCluster, site, yes }: RestoreOptions): Promise<void> {
  if (intoCluster && site === undefined)
    throw new UserError(
      `--into-cluster: changes a site, so it takes none by default; allowed is --site with ${place.topology.sites.map(({ name }) => name).join(" or ")}. Nothing was changed.`,
    );
  const stamp = restoreTime(to, Date.now());
  const nodes = readPages(await runAnywhere(place, "pages"));
  const host = memberOf(place, restoreNode(nodes));
  const entrance = intoCluster ? entranceOf(nodes) : undefined;
  const question = `Replace what the Kubernetes API of ${place.site.name} knows by this? The API stands still meanwhile, pods go on; what was written since then is not in it.`;
  if (entrance && !yes) requireTerminal(question);
  const tell = progress();
  const output = await runBackup(place, host, ["restore", "latest", stamp], tell);
  const restored = restoredShape.parse(JSON.parse(output.trim().split("\n").at(-1) ?? ""));
  say(renderRestored(restored));
  if (!entrance)
    return say(
      `The cluster was not touched. Until the next restore or full backup the data lie in /var/lib/database-scratch/data of ${host.name}'s backup container.`,
    );
  if (!yes && !(await confirmed(question))) return say("declined; nothing was changed");
  await withPlatformLock(await openPlatform(place.name, tell), `restoring the database of ${place.site.name}`, async () => {
    const replaced = await bringIn({ place, host, restored, entrance }, tell, interruptSignal());
    say(`${place.site.name}: the Kubernetes API knows what it knew then.`);
    if (replaced) return say(`What it knew until now is in table ${replaced}, until you drop it.`);
    // Binary logs begin anew with the cluster, and need a full backup to begin with.
    await backup(place);
  });
}

async function begin(place: Place, name: string, options: { readonly althoughLater?: true; readonly yes?: true }): Promise<void> {
  const host = memberOf(place, name);
  const nodes = readPages(await runAnywhere(place, "pages"));
  const position = beginningOn(name, nodes, options.althoughLater ?? false);
  for (const node of nodes) say(`${node.host}: ${node.position ?? node.said}`);
  const question = `Begin the cluster of ${place.site.name} with the data of ${name}, until ${position}? What another node has more is lost.`;
  if (!options.yes && !(await confirmed(question))) return say("declined; nothing was changed");
  await writeBeginning(place, host, position);
  say(
    `${name}: begins the cluster from ${position}; look at it: npm run database -- status --platform ${place.name} --site ${place.site.name}`,
  );
}

/** The site of a host, for the command that names one. */
const siteOf = (platform: string, host: string): Place => {
  const [site] = host.split("-");
  return placeOf(platform, site);
};

await main(async () => {
  let code = 0;
  const program = command("database", "the databases of a platform: how they are, their backups, and what a person decides");
  const add = (name: string, description: string) =>
    program.command(name).description(description).option("--platform <name>", "the platform", "lab");
  const site = ["--site <site>", "default: the active site"] as const;
  add("status", "nodes, writer, backups, and from when to when they can be restored; fails when something is not well")
    .option(...site)
    .action(async (options: { platform: string; site?: string }) => {
      code = await status(placeOf(options.platform, options.site));
    });
  add("backup", "makes a full backup now, restores it into a scratch server and reads every table")
    .option(...site)
    .action((options: { platform: string; site?: string }) => backup(placeOf(options.platform, options.site)));
  add("restore", "restores into a scratch server and says what it holds; the cluster is not touched, unless --into-cluster")
    .requiredOption(
      "--to <time>",
      "RFC 3339 with whole seconds: what was begun before this second, as in 2026-01-31T23:59:59Z; latest: as far as the binary logs reach",
    )
    .option(...site)
    .option("--into-cluster", "then lets the Kubernetes API know what it knew at that time")
    .option("--yes", "do not ask")
    .action((options: RestoreOptions & { platform: string }) => restore(placeOf(options.platform, options.site), options));
  add("begin <host>", "lets a cluster whose nodes all wait begin with the data of one of them")
    .option("--although-later", "also when another node has, or may have, later data: these are lost")
    .option("--yes", "do not ask")
    .action((host: string, options: { platform: string; althoughLater?: true; yes?: true }) =>
      begin(siteOf(options.platform, host), host, options),
    );
  await program.parseAsync();
  return code;
});
