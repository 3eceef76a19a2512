import { Command, InvalidArgumentError } from "commander";
import { ExecaError, execa } from "execa";
import type { Host } from "../../environments/model/topology.ts";
import { main, UserError } from "../console/errors.ts";
import { interruptSignal, renderTimes, runSteps } from "../console/steps.ts";
import { collect, machineJobs } from "../deploy/cli.ts";
import { deploy, showOn } from "../deploy/deploy.ts";
import { renderResult } from "../deploy/up.ts";
import { takeDown } from "./down.ts";
import { cases } from "./failover/cases.ts";
import { drill } from "./failover/drill.ts";
import { type Lab, requireLab } from "./instance.ts";
import { proveIsolation } from "./isolation/isolation.ts";
import { kubectl } from "./kubectl.ts";
import { setLink } from "./links.ts";
import { findCable, findHost, hostsOf, labTopology } from "./machines.ts";
import { powerOff, powerOn } from "./power.ts";
import { runOnHost, sshArguments } from "./ssh.ts";
import { type HostStatus, isAllWell, readStatus, renderStatus, wellStep } from "./status.ts";
import { groundSteps, machineStep, withLabLock } from "./up.ts";
import { readUsage, renderUsage } from "./usage.ts";

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** One line for what a command did, or found done already. */
const sayDone = (done: boolean, what: string, already: string): void => say(done ? what : already);

function target(name: string): { lab: Lab; host: Host } {
  const lab = requireLab();
  return { lab, host: findHost(hostsOf(labTopology(lab)), name) };
}

async function link(hostName: string, cableName: string, state: "up" | "down"): Promise<void> {
  const { lab, host } = target(hostName);
  const cable = findCable(labTopology(lab), host, cableName);
  const what = `${host.name}: ${cable.name} (${cable.address})`;
  const done = await setLink(lab, host, cable, state);
  sayDone(
    done,
    `${what} is ${state === "up" ? "plugged in" : "cut"}`,
    `${what} was ${state === "up" ? "plugged in" : "cut"} already`,
  );
}

/** The ssh program where there is one: a terminal works in it. Without it, commands still do. */
async function ssh(hostName: string, words: readonly string[]): Promise<number> {
  const { lab, host } = target(hostName);
  try {
    const { exitCode } = await execa("ssh", sshArguments(lab, host, words), { stdio: "inherit", reject: false });
    if (exitCode !== undefined) return exitCode;
  } catch (error) {
    if (!(error instanceof ExecaError)) throw error;
  }
  if (words.length === 0)
    throw new UserError(
      `ssh: not installed on this machine, and a session needs it; give a command instead: npm run lab -- ssh ${host.name} -- hostname`,
    );
  const { code, stdout, stderr } = await runOnHost(lab, host, words.join(" "));
  if (stdout) say(stdout);
  if (stderr) process.stderr.write(`${stderr}\n`);
  return code;
}

/** As `npm start` does, without the engine's set-up being a step of its own; of a part of the lab nothing more is waited for. */
async function bringUp(stacks: readonly string[]): Promise<number> {
  const signal = interruptSignal();
  const start = performance.now();
  const result = await withLabLock("lab up", async () => {
    say(renderTimes(await runSteps([machineStep(stacks.length > 0 ? "part" : "whole"), ...groundSteps(signal)])));
    const show = showOn(process.stdout);
    return await deploy({ platform: "lab", stacks, jobs: machineJobs(), signal, show, confirm: async () => true });
  });
  say(renderResult(result, { platform: "lab", stack: stacks }, Math.round((performance.now() - start) / 1000)));
  if (result.outcome === "failed" || stacks.length > 0) {
    showStatus(await readStatus(requireLab()));
    return result.outcome === "failed" ? 1 : 0;
  }
  let isUp = false;
  const well = wellStep(signal, (hosts) => {
    isUp = showStatus(hosts);
  });
  await runSteps([well]);
  return isUp ? 0 : 1;
}

/** Prints how each machine and the core of each site is; true when all are well. */
function showStatus(hosts: readonly HostStatus[]): boolean {
  say(renderStatus(requireLab(), hosts));
  return isAllWell(hosts);
}

function program(exit: (code: number) => void): Command {
  const lab = new Command("npm run lab --")
    .description("the lab: both sites as containers of this machine")
    .option("--verbose", "show the tools' own output")
    .helpOption("-h, --help", "show this")
    .showHelpAfterError("(--help shows what is allowed)");

  lab
    .command("up")
    .description("bring up the engine, the machines and all that runs on them")
    .option("--stack <name>", "only this stack of the lab; can be given more than once", collect, [])
    .action(async ({ stack }: { stack: string[] }) => exit(await bringUp(stack)));
  lab
    .command("down")
    .description("remove all that the lab made, and nothing else")
    .action(async () => {
      await takeDown(say);
    });
  lab
    .command("status")
    .description("what is there, and the core of each site; fails when a host or a core is not well")
    .action(async () => exit(showStatus(await readStatus(requireLab())) ? 0 : 1));
  lab
    .command("usage")
    .description("what the lab costs this machine: processor time and memory by kind of container")
    .option("--seconds <n>", "how long to look", wholeNumberTo(3600), 20)
    .action(async ({ seconds }: { seconds: number }) => say(renderUsage(await readUsage(requireLab(), seconds), seconds)));
  lab
    .command("ssh <host> [command...]")
    .description("a session on a host, or a command after --")
    .action(async (host: string, words: string[]) => exit(await ssh(host, words)));
  lab
    .command("kubectl [words...]")
    .description("kubectl as the administrator of a site's cluster, through the API's VIP; its words after --")
    .option("--site <site>", "default: the active site")
    .action(async (words: string[], options: { site?: string }) => exit(await kubectl(options.site, words)));
  lab
    .command("power-off <host>")
    .description("power failure: the host dies with all that runs on it")
    .action(async (name: string) => {
      const { lab: own, host } = target(name);
      const died = await powerOff(own, host);
      sayDone(died > 0, `${host.name}: power is off; ${died} containers died`, `${host.name}: its power was off already`);
    });
  lab
    .command("power-on <host>")
    .description("start a host and what runs on it")
    .action(async (name: string) => {
      const { lab: own, host } = target(name);
      const started = await powerOn(own, host);
      sayDone(
        started > 0,
        `${host.name}: power is on; ${started} containers started, SSH answers`,
        `${host.name}: its power was on already`,
      );
    });
  lab
    .command("cut <host> <cable>")
    .description("pull a host's cable: its plane's, or a gateway's core or link")
    .action((host: string, cable: string) => link(host, cable, "down"));
  lab
    .command("heal <host> <cable>")
    .description("plug the cable in again")
    .action((host: string, cable: string) => link(host, cable, "up"));
  lab
    .command("failover")
    .description("break each part in turn while clients write, and say what they saw; fails when a promise is not kept")
    .option("--site <site>", "default: the active site")
    .option(
      "--case <name>",
      `only this one, can be given more than once: ${cases.map(({ name }) => name).join(", ")}`,
      collect,
      [],
    )
    .option("--repeat <n>", "how often each case runs; the middle of the runs is shown", wholeNumberTo(99), 1)
    .action(async (options: { site?: string; case: string[]; repeat: number }) => exit((await drill(options, say)) ? 0 : 1));
  lab
    .command("isolation")
    .description("send packets from every host, and compare with the table of flows what arrives; fails at one leak")
    .option("--full", "all pairs of hosts and all ports, instead of a sample", false)
    .option("--seed <n>", "repeats the choices of an earlier run", seedOption)
    .option("--site <site>", "only between this site's hosts; default: all")
    .action(async (options: { full: boolean; seed?: number; site?: string }) =>
      exit((await proveIsolation(options, say)) ? 0 : 1),
    );
  return lab;
}

function seedOption(value: string): number {
  if (!/^(0|[1-9][0-9]{0,9})$/.test(value) || Number(value) >= 2 ** 32)
    throw new InvalidArgumentError(
      `given ${JSON.stringify(value)}; allowed is a whole number below ${2 ** 32}, as an earlier run printed`,
    );
  return Number(value);
}

function wholeNumberTo(most: number): (value: string) => number {
  return (value) => {
    if (!/^[1-9][0-9]*$/.test(value) || Number(value) > most)
      throw new InvalidArgumentError(`given ${JSON.stringify(value)}; allowed is a whole number from 1 to ${most}`);
    return Number(value);
  };
}

await main(async () => {
  let code = 0;
  await program((wanted) => {
    code = wanted;
  }).parseAsync();
  return code;
});
