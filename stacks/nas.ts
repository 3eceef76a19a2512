import { join } from "node:path";
import type { NasSource } from "../components/storage/nas-volume.ts";
import { labNames } from "../environments/model/lab.ts";
import type { Topology, Zone } from "../environments/model/topology.ts";
import { nasName } from "../environments/model/volumes.ts";
import { readLab } from "./access.ts";

/** Where a site's volumes are mounted from; the zone is its platform zone. */
export function nasSourceOf(topology: Topology, zone: Zone): NasSource {
  if (topology.machines === "ssh") return { kind: "nfs", name: nasName(topology), path: topology.nasPath };
  const { id, engineData } = readLab();
  const nas = zone.hosts.find(({ role }) => role === "nas");
  if (!nas) throw new Error(`${zone.site}: a lab whose NAS is external has no directory to mount`);
  return { kind: "directory", path: join(engineData, "volumes", `${labNames.container(id, nas.name)}-nas-data`, "_data") };
}
