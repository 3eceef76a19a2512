import type Docker from "dockerode";
import { clientOf } from "./daemon.ts";

type Say = (line: string) => void;
type Labels = Readonly<Record<string, string>> | undefined;

/** What the stacks' states hold of the lab's engine. */
export interface Known {
  readonly containers: ReadonlySet<string>;
  readonly networks: ReadonlySet<string>;
  /** By name. */
  readonly volumes: ReadonlySet<string>;
}

export interface LabObjects {
  readonly dockerHost: string;
  readonly labId: string;
}

const nothing: Known = { containers: new Set(), networks: new Set(), volumes: new Set() };

/**
 * Removes what carries the lab's label and is in no stack's state: a run that was killed made it and could not write it down. Says each;
 * returns how many there were.
 */
export const removeStrays = (objects: LabObjects, say: Say, known: Known): Promise<number> =>
  removeUnknown(objects, known, (what) => say(`${what}: in no stack's state; removed`));

/** Removes all that carries the lab's label. */
export const removeAll = (objects: LabObjects, say: Say): Promise<number> =>
  removeUnknown(objects, nothing, (what) => say(`${what}: removed`));

async function removeUnknown({ dockerHost, labId }: LabObjects, known: Known, say: Say): Promise<number> {
  const docker = clientOf(dockerHost);
  const filters = { label: [`tandem.lab=${labId}`] };
  let removed = 0;
  const remove = async (what: string, labels: Labels, work: () => Promise<unknown>): Promise<void> => {
    await orGone(work());
    const urn = labels?.["tandem.urn"];
    say(urn ? `${what} (${urn})` : what);
    removed += 1;
  };
  // A network goes only when no container is on it, and a volume when none uses it.
  for (const { Id, Names, Labels } of await docker.listContainers({ all: true, filters }))
    if (!known.containers.has(Id))
      await remove(`container ${Names[0]?.slice(1) ?? Id}`, Labels, () =>
        docker.getContainer(Id).remove({ force: true, v: true }),
      );
  for (const { Id, Name, Labels } of await docker.listNetworks({ filters }))
    if (!known.networks.has(Id)) await remove(`network ${Name}`, Labels, () => removeNetwork(docker, Id));
  for (const { Name, Labels } of (await docker.listVolumes({ filters })).Volumes ?? [])
    if (!known.volumes.has(Name)) await remove(`volume ${Name}`, Labels, () => docker.getVolume(Name).remove());
  return removed;
}

/** Containers that are to stay are taken off a stray network: its declared twin can't be made beside it. */
async function removeNetwork(docker: Docker, id: string): Promise<void> {
  const network = docker.getNetwork(id);
  const { Containers = {} } = (await network.inspect()) as { Containers?: Record<string, unknown> };
  for (const container of Object.keys(Containers)) await network.disconnect({ Container: container, Force: true });
  await network.remove();
}

/** Something that is gone meanwhile is what we wanted. */
export async function orGone(asked: Promise<unknown>): Promise<void> {
  try {
    await asked;
  } catch (error) {
    const status = (error as { statusCode?: number }).statusCode;
    // 409 for a container: its removal is under way already.
    if (status !== 404 && !(status === 409 && /removal .* already in progress/.test(String(error)))) throw error;
  }
}
