import type { ImageName } from "../environments/model/schema/services.ts";
import type { Topology } from "../environments/model/topology.ts";
import { readLab } from "./access.ts";

/** Of this run: a process runs the program of one stack. */
const used = new Set<ImageName>();

/** Images that were asked for until now, as the environment file names them: an output of a stack, which its next run compares its own with. */
export const usedImages = ({ images }: Topology): Readonly<Partial<Record<string, string>>> =>
  Object.fromEntries([...used].sort().map((name) => [name, images[name]]));

/** What a service's container runs from: on real machines as the environment file names it, in a lab by the id that the engine gave. */
export function imageOf(topology: Topology, name: ImageName): string {
  used.add(name);
  const image = topology.machines === "lab" ? readLab().images[name] : topology.images[name];
  if (image === undefined) throw new Error(`image ${name}: the lab makes none; add it to scripts/lab/service-images.ts`);
  return image;
}

/** What nodes and their pods ask for by its name, in the lab too: its nodes have it under that name. */
export function imageNameOf({ images }: Topology, name: ImageName): string {
  used.add(name);
  const image = images[name];
  if (image === undefined) throw new Error(`images.${name}: the environment was not checked by its schema`);
  return image;
}
