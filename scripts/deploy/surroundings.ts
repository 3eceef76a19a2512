import { join } from "node:path";
import type { Report } from "../console/steps.ts";
import { backendEnv, fileBackendEnv } from "../toolchain/backend.ts";
import { type Engine, ensureEngine } from "../toolchain/engine.ts";
import { type PlatformInPlace, platformInPlace } from "./platform.ts";
import { type Project, projectBeside, projectInCheckout } from "./workspace.ts";

/** A platform with its backend, its engine and, for the lab, the instance that its addresses are moved for. */
export interface DeployedPlatform extends PlatformInPlace {
  readonly project: Project;
}

/** The platform as it is deployed or will be: the lab must be up as far as its directory and its Docker engine. */
export async function openPlatform(name: string, report: Report, signal?: AbortSignal): Promise<DeployedPlatform> {
  const platform = platformInPlace(name);
  const engine = await ensureEngine({ ...(signal && { signal }) }, report);
  return { ...platform, project: await projectOf(engine, platform.lab) };
}

async function projectOf(engine: Engine, lab: DeployedPlatform["lab"]): Promise<Project> {
  const surroundings = {
    engineEnv: { ...engine.env, ...(lab && { TANDEM_LAB: lab.directory }) },
    backendEnv: lab ? fileBackendEnv(lab.directory) : backendEnv(),
  };
  return lab ? projectBeside(join(lab.directory, "project"), surroundings) : projectInCheckout(surroundings);
}
