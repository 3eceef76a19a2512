import { existsSync, readFileSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type Docker from "dockerode";
import { databasePaths } from "../../../components/database/cluster.render.ts";
import { UserError } from "../../console/errors.ts";
import { runTool } from "../../console/log.ts";

// The lab's volumes share the machine's disk, which nobody wants full. For a case, a database node's data move to a disk of their own: a file
// of this machine with a file system in it, mounted where the volume's data are. The node stands still while they move.

/** MiB that the small disk has beyond the data: what a case writes, several times. */
const roomMib = 1024;
const stopSeconds = 60;

interface Places {
  /** What the container sees as its volume. */
  readonly data: string;
  /** Beside it: the disk; where it is filled; a copy of the data while it is made and when it is whole; what the copy took the place of. */
  readonly image: string;
  readonly mounted: string;
  readonly copying: string;
  readonly copy: string;
  readonly old: string;
}

async function placesOf(container: Docker.Container): Promise<Places> {
  const { Name, Mounts } = await container.inspect();
  const data = Mounts.find(({ Destination }) => Destination === databasePaths.data)?.Source;
  if (!data)
    throw new UserError(`${Name.slice(1)}: it has no volume at ${databasePaths.data}; run: npm run up -- --platform lab`);
  const beside = (name: string): string => join(dirname(data), `drill-${name}`);
  return {
    ...{ data, image: beside("disk"), mounted: beside("mounted"), old: beside("old") },
    ...{ copying: beside("copying"), copy: beside("copy") },
  };
}

const mountPoints = (): string[] =>
  readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .map((line) => line.split(" ")[1] ?? "");

const isMounted = (path: string): boolean => mountPoints().includes(path);

const fillerIn = (data: string): string => join(data, "drill-filler");

async function removeAll(...paths: readonly string[]): Promise<void> {
  for (const path of paths) await rm(path, { recursive: true, force: true });
}

const copyAll = (from: string, to: string): Promise<string> => runTool("cp", ["--archive", `${from}/.`, to]);

/** Moves a node's data to a small disk; a node that has one stays as it is. */
export async function shrinkDisk(container: Docker.Container): Promise<void> {
  const { data, image, mounted, copying, copy, old } = await placesOf(container);
  if (isMounted(data)) return;
  await container.stop({ t: stopSeconds });
  if (isMounted(mounted)) await runTool("umount", [mounted]);
  await removeAll(image, mounted, copying, copy, old);
  const usedMib = Number((await runTool("du", ["--summarize", "--block-size=1M", data])).split("\t")[0]);
  await runTool("truncate", ["--size", `${usedMib + roomMib}M`, image]);
  await runTool("mkfs.ext4", ["-q", "-m", "0", image]);
  await mkdir(mounted);
  await runTool("mount", ["-o", "loop", image, mounted]);
  // The server would take it for a database.
  await removeAll(join(mounted, "lost+found"));
  await copyAll(data, mounted);
  await runTool("mount", ["--bind", mounted, data]);
  await runTool("umount", [mounted]);
  await container.start();
}

/** Moves the data back as they are now. Interrupted at any moment, it goes on when it is called again. */
export async function restoreDisk(container: Docker.Container): Promise<void> {
  const { data, image, mounted, copying, copy, old } = await placesOf(container);
  if ((await container.inspect()).State.Running) await container.stop({ t: stopSeconds });
  if (isMounted(mounted)) await runTool("umount", [mounted]);
  if (isMounted(data)) {
    await removeAll(fillerIn(data), copying, copy);
    await copyAll(data, copying);
    await rename(copying, copy);
    await runTool("umount", [data]);
  }
  if (existsSync(copy)) {
    if (existsSync(data)) await rename(data, old);
    await rename(copy, data);
  }
  await removeAll(image, mounted, copying, old);
  await container.start();
}

/** Fills a small disk until only so much is free; the machine's own disk is never filled. */
export async function fillDisk(container: Docker.Container, leaveMib: number): Promise<void> {
  const { data } = await placesOf(container);
  if (!isMounted(data)) throw new UserError(`${data}: it is on the machine's own disk, which is not filled`);
  const [blocks = 0, bytes = 0] = (await runTool("stat", ["-f", "-c", "%a %S", data])).split(" ").map(Number);
  const freeMib = Math.floor((blocks * bytes) / 2 ** 20);
  await runTool("fallocate", ["--length", `${freeMib - leaveMib}M`, fillerIn(data)]);
}

export async function freeDisk(container: Docker.Container): Promise<void> {
  await removeAll(fillerIn((await placesOf(container)).data));
}

/** Takes away what a drill left mounted in the volumes of a lab, so that they can be removed. */
export async function unmountSmallDisks(labId: string): Promise<void> {
  const own = new RegExp(`/tandem-${labId}-[^/]+/(_data|drill-mounted)$`);
  for (const path of mountPoints().filter((one) => own.test(one))) await runTool("umount", [path]);
}
