import { join } from "node:path";
import type { NasSource } from "../components/storage/nas-volume.ts";
import { labNames } from "../environments/model/lab.ts";
import type { Site, Topology } from "../environments/model/topology.ts";
import { nasName } from "../environments/model/volumes.ts";
import { labDirectory } from "./access.ts";

/** Where a site's volumes are mounted from. */
export const nasSourceOf = (topology: Topology, site: Site): NasSource =>
  topology.machines === "ssh"
    ? { kind: "nfs", name: nasName(topology), path: topology.nasPath }
    : { kind: "directory", path: join(labDirectory(), labNames.nas(site.name)) };
