import { z } from "zod";
import { address, labelName, siteName, zoneName } from "./values.ts";

export const volumeSizeGib = z.int().min(1).max(1_048_576);

/** A volume's directory in its zone's tree. */
const directory = z
  .string()
  .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*\/[a-z][a-z0-9]*(-[a-z0-9]+)*$/, {
    error: "<stack>/<service>: two names of lower-case words of letters and digits, joined by hyphens, as in claims/documents",
  })
  .max(81, { error: "at most 81 characters" });

const volume = z.strictObject({
  sizeGib: volumeSizeGib.describe("What it may hold, in GiB: more is reported, not refused"),
  sharedBy: z
    .array(labelName)
    .min(2)
    .max(50)
    .optional()
    .describe("All services that use it, where it is not the one service's that its directory is named after"),
  reclaimPolicy: z
    .enum(["Retain", "Delete"])
    .optional()
    .describe(
      "Makes it a StorageClass: pods' claims get directories in it. What becomes of a claim's files when the claim is deleted",
    ),
});

export const volumes = z
  .record(zoneName, z.record(directory, volume))
  .describe("Volumes on the sites' NAS, by zone and directory: /<zone>/<stack>/<service>, the same at both sites");

export const externalNas = z
  .strictObject({
    addresses: z.record(siteName, address).describe("The NAS of each site: an address of its platform zone's storage network"),
    path: z
      .string()
      .regex(/^(\/[A-Za-z0-9_][A-Za-z0-9_.-]*)+$/, {
        error: "an absolute path without .. and without a / at its end, as in /ifs/tandem",
      })
      .max(200)
      .optional()
      .describe("Where it has the zones' trees, the same at both sites; default: at its root, as in /policy"),
  })
  .describe("The company's own NAS, with flavors.nas: external");

export const nasReplication = z
  .strictObject({
    everyMinutes: z.int().min(1).max(1440).describe("Minutes from the beginning of one copy to that of the next"),
  })
  .describe("How the standby site's NAS follows the active site's, with flavors.nas: ganesha");
