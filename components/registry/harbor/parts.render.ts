import { corePart } from "./core.render.ts";
import { databasePart } from "./database.render.ts";
import { exporterPart } from "./exporter.render.ts";
import { frontPart, portalPart } from "./front.render.ts";
import { type HarborPart, type HarborPartName, harborPartNames, type SiteHarbor } from "./harbor.render.ts";
import { jobservicePart } from "./jobservice.render.ts";
import { redisPart } from "./redis.render.ts";
import { registryctlPart, registryPart } from "./storage.render.ts";
import { trivyPart } from "./trivy.render.ts";

const parts: Readonly<Record<HarborPartName, (site: SiteHarbor) => HarborPart>> = {
  database: databasePart,
  redis: redisPart,
  portal: portalPart,
  registry: registryPart,
  registryctl: registryctlPart,
  trivy: trivyPart,
  core: corePart,
  jobservice: jobservicePart,
  exporter: exporterPart,
  front: frontPart,
};

/** All of Harbor, each part after those that it needs. */
export const harborParts = (site: SiteHarbor): HarborPart[] => harborPartNames.map((name) => parts[name](site));
