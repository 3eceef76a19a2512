import { writeFileSync } from "node:fs";
import { join } from "node:path";
import Table from "cli-table3";
import { environmentsDirectory, platforms } from "../../environments/model/load.ts";
import type { Host, Topology } from "../../environments/model/topology.ts";
import { privateDirectory, stateDirectory } from "../console/directories.ts";
import { main, UserError } from "../console/errors.ts";
import { readLab } from "../lab/instance.ts";
import { command } from "./cli.ts";
import { confirmed } from "./confirm.ts";
import type { Deployment } from "./deployment.ts";
import { withPlatformLock } from "./exclusive.ts";
import { forgetHost, hostsIn } from "./forget.ts";
import { type KnownHosts, platformOfHost } from "./host-platform.ts";
import { nearest } from "./nearest.ts";
import { readPlatform } from "./platform.ts";
import { recover } from "./recover.ts";
import { deployedStacks, exportStates, importState, readStates } from "./stack-states.ts";
import { type DeployedPlatform, openPlatform } from "./surroundings.ts";

const say = (text: string): void => void process.stdout.write(`${text}\n`);

const declaredHosts = (platform: DeployedPlatform): Host[] =>
  platform.topology.sites.flatMap((site) => site.zones.flatMap((zone) => zone.hosts));

const hostNames = (topology: Topology): string[] =>
  topology.sites.flatMap((site) => site.zones.flatMap((zone) => zone.hosts.map(({ name }) => name)));

/** All hosts of a platform, and the stacks whose state holds them. */
async function list(platformName: string): Promise<void> {
  const platform = await openPlatform(platformName, () => {});
  const states = await readStates(platform.project, await deployedStacks(platform.project, platform.stacks));
  const table = new Table({
    head: ["host", "site", "zone", "role", "management", "in the state of"],
    style: { head: [], border: [], compact: true },
  });
  const holders = (host: string): string =>
    states
      .filter(([, state]) => hostsIn(state).includes(host))
      .map(([stack]) => stack)
      .join(", ") || "-";
  for (const { name, site, zone, role, addresses } of declaredHosts(platform))
    table.push([name, site, zone, role, addresses.management, holders(name)]);
  const declared = new Set(declaredHosts(platform).map(({ name }) => name));
  const others = new Set(states.flatMap(([, state]) => hostsIn(state)).filter((name) => !declared.has(name)));
  for (const name of others) table.push([name, "", "", "(not in the environment file)", "", holders(name)]);
  say(table.toString());
}

/** What all platforms know of hosts. The state of a lab that is not up is not there to be looked at. */
const allKnownHosts = (): Promise<KnownHosts[]> =>
  Promise.all(
    platforms().map(async (name) => {
      const { topology } = readPlatform(name);
      const declared = hostNames(topology);
      if (topology.machines === "lab" && !readLab()) return { platform: name, declared, held: [] };
      const { project, stacks } = await openPlatform(name, () => {});
      const states = await readStates(project, await deployedStacks(project, stacks));
      return { platform: name, declared, held: states.flatMap(([, state]) => hostsIn(state)) };
    }),
  );

async function forget(host: string, { platform: named, yes }: { platform?: string; yes?: true }): Promise<void> {
  const platformName = named ?? platformOfHost(host, await allKnownHosts());
  if (named === undefined) say(`${host}: platform ${platformName}`);
  const platform = await openPlatform(platformName, () => {});
  await withPlatformLock(platform, `forgetting ${host}`, async () => {
    const names = platform.stacks.map(({ name }) => name);
    const sizes = await recover(platform.project, names, say);
    const deployed = names.filter((name) => (sizes.get(name) ?? 0) > 0);
    const states = await exportStates(platform.project, deployed);
    const known = [
      ...new Set([...declaredHosts(platform).map(({ name }) => name), ...states.flatMap(([, state]) => hostsIn(state))]),
    ];
    if (!known.includes(host)) {
      throw new UserError(
        `${JSON.stringify(host)}: platform ${platformName} has no such host${nearest(host, known)}; list them: npm run hosts -- list --platform ${platformName}`,
      );
    }
    const edits = states
      .map(([stack, before]) => ({ stack, before, ...forgetHost(before, host) }))
      .filter(({ resources }) => resources.length > 0);
    if (edits.length === 0) return say(`${host}: no stack's state holds it; nothing to forget`);
    for (const { stack, resources } of edits) say(`${stack}: ${resources.length} resources of ${host}`);
    if (!yes && platform.topology.machines === "ssh" && !(await confirmed(`Take ${host} out of these states?`)))
      return say("declined; nothing was changed");
    const backup = backUp(platformName, host, edits);
    for (const { stack, state, resources } of edits) {
      await importState(platform.project, stack, state);
      say(`${stack}: taken out:\n${resources.map(({ urn }) => `  ${urn.split("::").slice(2).join("::")}`).join("\n")}`);
    }
    say(`The states before: ${backup}\n\n${howToReplace(platform, host)}`);
  });
}

/** Writes the states as they are, before any of them is changed. */
function backUp(
  platform: string,
  host: string,
  edits: readonly { readonly stack: string; readonly before: Deployment }[],
): string {
  const time = new Date().toISOString().replaceAll(/[-:]|\..*/g, "");
  const directory = privateDirectory(stateDirectory, "backups", platform, `forget-${host}-${time}`);
  for (const { stack, before } of edits) writeFileSync(join(directory, `${stack}.json`), JSON.stringify(before), { mode: 0o600 });
  return directory;
}

function howToReplace(platform: DeployedPlatform, host: string): string {
  const up = `npm run up -- --platform ${platform.name}`;
  if (platform.lab)
    return `${host} is forgotten. To replace it: ${up}\nIts container is removed, made again and prepared from nothing, with the same SSH host key.`;
  const file = join(environmentsDirectory, platform.topology.ssh.knownHosts);
  const address = declaredHosts(platform).find(({ name }) => name === host)?.addresses.management ?? "its address";
  return `${host} is forgotten. To replace it:
  1. install the new machine so that it answers on ${address}
  2. read its new host key at its console (/etc/ssh/ssh_host_ed25519_key.pub), and put it in the place of the old one:
     ${file}: ${address} ssh-ed25519 <key>
  3. ${up}: prepares it from nothing
To do without it: take it out of environments/${platform.name}.yaml, then ${up}`;
}

if (import.meta.main) {
  await main(async () => {
    const program = command("hosts", "the hosts of a platform, and how to forget one that died for good");
    program
      .command("list")
      .description("lists the hosts and the stacks that hold them")
      .option("--platform <name>", "the platform", "lab")
      .action((options: { platform: string }) => list(options.platform));
    program
      .command("forget <host>")
      .description("takes a host's resources out of the state, so that its stacks can go on without it; touches no machine")
      .option("--platform <name>", "the platform (default: the only one that has such a host)")
      .option("--yes", "do not ask on real machines")
      .action(forget);
    await program.parseAsync();
    return 0;
  });
}
