import assert from "node:assert/strict";
import { after, before } from "node:test";
import type Docker from "dockerode";
import { labNames } from "../../environments/model/lab.ts";
import { type Host, planes, type Site, uplinksOf, type Zone } from "../../environments/model/topology.ts";
import { clientOf } from "../../scripts/lab/daemon.ts";
import type { Lab } from "../../scripts/lab/instance.ts";
import { hostsOf, labTopology } from "../../scripts/lab/machines.ts";
import { runOnHost } from "../../scripts/lab/ssh.ts";
import { type Outcome, testLab } from "../support/lab.ts";

// The one lab of these tests: brought up before the first of them, taken down after the last.

export const own = testLab();

/** All that the commands of these tests printed, but for those that were asked to show secrets. */
export const printed: string[] = [];

export async function npm(command: string, args: readonly string[] = [], input?: string): Promise<Outcome> {
  const outcome = await own.npm(command, args, input);
  if (!args.includes("--show-secrets")) printed.push(outcome.stdout, outcome.stderr);
  return outcome;
}

/** What the first `npm start` said. */
export let first: Outcome;
export let lab: Lab;
export let docker: Docker;
export let sites: readonly Site[];
export let hosts: readonly Host[];

before(async () => {
  first = await npm("start");
  assert.equal(first.code, 0, said(first));
  lab = own.record();
  docker = clientOf(lab.dockerHost);
  ({ sites } = labTopology(lab));
  hosts = hostsOf(labTopology(lab));
});
after(own.remove);

export const said = ({ code, stdout, stderr }: Outcome): string => `code ${code}\n${stdout}\n${stderr}`;

/** Runs a command that has to succeed, and returns what it printed. */
export async function npmSucceeds(command: string, ...args: string[]): Promise<string> {
  const outcome = await npm(command, args);
  assert.equal(outcome.code, 0, `${command} ${args.join(" ")}: ${said(outcome)}`);
  return outcome.stdout;
}

export const hostNamed = (name: string): Host => {
  const found = hosts.find((host) => host.name === name);
  assert.ok(found, name);
  return found;
};

export const zoneOf = (host: Host): Zone =>
  sites.flatMap((site) => site.zones).find((zone) => zone.site === host.site && zone.name === host.zone) as Zone;

/** How many cables the lab's machines have: one a plane, and what joins the gateways. */
export const cables = (): number => hosts.reduce((sum, host) => sum + planes.length + uplinksOf(zoneOf(host), host).length, 0);

/** Runs a command on a host that has to succeed there. */
export async function on(host: Host, command: string): Promise<string> {
  const { code, stdout, stderr } = await runOnHost(lab, host, command);
  assert.equal(code, 0, `${host.name}: ${command}: ${stderr}`);
  return stdout.trim();
}

export const machineName = (host: Host): string => labNames.container(lab.id, host.name);
export const machineOf = (host: Host): Docker.Container => docker.getContainer(machineName(host));

/** A file that every host's preparation writes. */
export const sysctlFile = "/etc/sysctl.d/60-tandem.conf";
