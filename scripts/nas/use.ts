import type { Volume } from "../../environments/model/topology.ts";

// What a NAS holds, as its program of measuring prints it (components/storage/ganesha.render.ts). Pure.

export interface Use {
  /** Of the disk, in bytes. */
  readonly size: number;
  readonly free: number;
  /** Bytes by directory, as in `policy/claims/documents`; also of each directory above one. */
  readonly directories: ReadonlyMap<string, number>;
}

export function readUse(output: string): Use {
  const [disk = "", ...measured] = output.split("\0");
  const [block = Number.NaN, blocks = Number.NaN, free = Number.NaN] = disk.split(" ").map(Number);
  if (Number.isNaN(block * blocks * free)) throw new Error(`the NAS printed no size of its disk: ${JSON.stringify(disk)}`);
  const directories = measured
    .filter((line) => line.includes("\t./"))
    .map((line): [string, number] => [line.slice(line.indexOf("\t./") + 3), Number(line.slice(0, line.indexOf("\t")))]);
  return { size: block * blocks, free: block * free, directories: new Map(directories) };
}

export const gib = 2 ** 30;
/** Of a disk. Below that a burst of writes can fill it before a person has done something. */
const leastFreeShare = 0.1;

export interface VolumeUse {
  readonly volume: Volume;
  /** Undefined where its directory is not there. */
  readonly bytes: number | undefined;
}

export const useOf = ({ directories }: Use, volumes: readonly Volume[]): VolumeUse[] =>
  volumes.map((volume) => ({ volume, bytes: directories.get(volume.directory) }));

/** Directories as deep as volumes that no volume is declared for, largest first. */
export function undeclaredIn({ directories }: Use, volumes: readonly Volume[]): [directory: string, bytes: number][] {
  const declared = new Set(volumes.map(({ directory }) => directory));
  return [...directories]
    .filter(([directory]) => directory.split("/").length === 3 && !directory.startsWith(".") && !declared.has(directory))
    .toSorted(([, a], [, b]) => b - a);
}

/** What is not as it should be; empty when all is well. */
export function unwell(use: Use, volumes: readonly Volume[]): string[] {
  const free = use.free / use.size;
  return [
    ...useOf(use, volumes).flatMap(({ volume: { directory, sizeGib, users }, bytes }) => {
      if (bytes === undefined) return [`${directory}: its directory is not there, so ${users.join(", ")} can't mount it`];
      return bytes > sizeGib * gib
        ? [`${directory}: holds ${gibText(bytes)} GiB; declared are ${sizeGib}. Ask ${users.join(", ")}, or declare more`]
        : [];
    }),
    ...(free < leastFreeShare
      ? [
          `the disk: ${(free * 100).toFixed(1)} % are free; needed are ${leastFreeShare * 100} %. Give it a larger disk, or take files away`,
        ]
      : []),
  ];
}

export const gibText = (bytes: number): string => (bytes / gib).toFixed(bytes < 10 * gib ? 2 : 0);
