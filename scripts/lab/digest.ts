import { createHash } from "node:crypto";
import type { Topology } from "../../environments/model/topology.ts";
import { clientOf } from "./daemon.ts";
import type { Lab } from "./instance.ts";

/** Of the topology and of what the lab's containers were made from and configured with; of one site's alone where it is named. */
export async function configurationDigest(
  lab: Pick<Lab, "id" | "dockerHost">,
  topology: Topology,
  site?: string,
): Promise<string> {
  const containers = await clientOf(lab.dockerHost).listContainers({ all: true, filters: { label: [`tandem.lab=${lab.id}`] } });
  const made = containers
    .filter(({ Labels }) => site === undefined || Labels["tandem.host"]?.startsWith(`${site}-`))
    .map(({ Names, ImageID, Labels }) => `${Names[0] ?? ""} ${ImageID} ${Labels["tandem.configuration"] ?? ""}`)
    .sort();
  return createHash("sha256")
    .update(JSON.stringify([topology, made]))
    .digest("hex")
    .slice(0, 16);
}
