import { hostname } from "node:os";
import { UserError } from "../console/errors.ts";
import { labContainers } from "../lab/machines.ts";
import { removeStrays } from "../lab/strays.ts";
import { type Deployment, pendingOf, resourceName, resourcesOf, withoutPending } from "./deployment.ts";
import { type Lock, mendCutState, readCheckpoint, readLocks } from "./file-backend.ts";
import { endProcesses, interruptEngines, isLiveEngine, leftProcesses } from "./processes.ts";
import { exportState, importState, readStates } from "./stack-states.ts";
import type { DeployedPlatform } from "./surroundings.ts";
import type { Project } from "./workspace.ts";

/** What is cleared is said, a line each. */
export type Say = (line: string) => void;

const patienceSeconds = 60;

/**
 * Clears what a killed run left: its processes, its locks, states cut while they were written, pending operations. A lock whose holder lives is
 * respected: nothing is changed, and the refusal names the holder. Returns the sizes of all stacks that the backend has then.
 */
export async function recover(project: Project, stacks: readonly string[], say: Say): Promise<Map<string, number>> {
  const left = leftProcesses(project.backend);
  if (left.length > 0) {
    say(`a run that was killed left ${left.length} processes (${left.map(({ pid }) => pid).join(", ")}): ending them`);
    interruptEngines(left);
    await endProcesses(() => leftProcesses(project.backend), patienceSeconds);
  }
  const locks = stacks.map((stack) => [stack, readLocks(project, stack)] as const).filter(([, own]) => own.length > 0);
  for (const [stack, own] of locks) refuseLiveHolder(stack, own);
  // Before the engine is asked anything: it lists no stack while one of them can't be read.
  for (const stack of stacks) {
    const mended = mendCutState(project, stack);
    if (mended) say(`${stack}: its state was cut by a kill while it was written; ${mended}`);
  }
  const sizes = await project.list();
  for (const [stack, own] of locks) {
    if (!sizes.has(stack)) continue;
    await project.cli(["cancel", "--yes", "--stack", stack]);
    say(`${stack}: the lock of process ${own.map(({ pid }) => pid).join(", ")}, which is dead, is cleared`);
  }
  for (const stack of stacks) {
    const checkpoint = readCheckpoint(project, stack);
    if (sizes.has(stack) && (!checkpoint || pendingOf(checkpoint).length > 0)) await clearPending(project, stack, say);
  }
  return sizes;
}

function refuseLiveHolder(stack: string, locks: readonly Lock[]): void {
  // A process of another machine can't be looked at from here.
  const live = locks.find((lock) => lock.hostname !== hostname() || isLiveEngine(lock.pid));
  if (!live) return;
  throw new UserError(
    `stack ${stack} is locked by process ${live.pid} of ${live.username} on ${live.hostname}, since ${live.timestamp}. ` +
      `Wait for it, or when you know that it is dead: npm run pulumi -- cancel --yes --stack ${stack}. Nothing was changed.`,
  );
}

async function clearPending(project: Project, stack: string, say: Say): Promise<void> {
  const state = await exportState(project, stack);
  const pending = pendingOf(state);
  if (pending.length === 0) return;
  await importState(project, stack, withoutPending(state));
  for (const { type, resource } of pending)
    say(`${stack}: ${type} ${resource.urn.split("::").at(-1)} was cut by a kill; cleared, and done again by the next up`);
}

/** Removes what a killed run made in the lab's engine and could not write down: what none of the backend's stacks holds, declared or not. */
export async function removeLabStrays({ lab, project }: DeployedPlatform, all: readonly string[], say: Say): Promise<void> {
  if (!lab) return;
  const states = await readStates(project, all);
  await removeStrays({ dockerHost: lab.dockerHost, labId: lab.id }, say, {
    containers: idsOf(states, containerType),
    networks: idsOf(states, "docker:index/network:Network"),
    volumes: idsOf(states, "docker:index/volume:Volume"),
  });
}

/** Lets the engine find out that containers are gone which somebody removed by hand: a preview believes the state, and would not make them anew. */
export async function noticeLabLosses({ lab, project }: DeployedPlatform, stacks: readonly string[], say: Say): Promise<void> {
  if (!lab) return;
  const there = new Set((await labContainers(lab)).map(({ id }) => id));
  for (const [stack, state] of await readStates(project, stacks)) {
    const lost = resourcesOf(state).filter(
      (resource) => resource.type === containerType && resource.id && !resource.delete && !there.has(resource.id),
    );
    if (lost.length === 0) continue;
    const targets = lost.flatMap(({ urn }) => ["--target", urn]);
    await project.cli(["refresh", "--yes", "--skip-preview", "--stack", stack, ...targets]);
    for (const resource of lost) say(`${stack}: ${resourceName(resource)} is gone from the lab's engine; it is made anew`);
  }
}

const containerType = "docker:index/container:Container";

/** A volume's id is its name. */
const idsOf = (states: readonly [string, Deployment][], type: string): Set<string> =>
  new Set(
    states.flatMap(([, state]) =>
      resourcesOf(state).flatMap((resource) => (resource.type === type && resource.id ? [resource.id] : [])),
    ),
  );
