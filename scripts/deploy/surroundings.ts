import { join } from "node:path";
import type { Report } from "../console/steps.ts";
import { type Lab, requireLab } from "../lab/instance.ts";
import { backendEnv, fileBackendEnv } from "../toolchain/backend.ts";
import { type Engine, ensureEngine } from "../toolchain/engine.ts";
import { type Platform, readPlatform } from "./platform.ts";
import { type Project, projectBeside, projectInCheckout } from "./workspace.ts";

/** A platform with its backend, its engine and, for the lab, the instance that its addresses are moved for. */
export interface DeployedPlatform extends Platform {
  readonly project: Project;
  readonly lab: Lab | undefined;
}

/** The platform as it is deployed or will be: the lab must be up as far as its directory and its Docker engine. */
export async function openPlatform(name: string, report: Report, signal?: AbortSignal): Promise<DeployedPlatform> {
  const plain = readPlatform(name);
  const lab = plain.topology.machines === "lab" ? requireLab() : undefined;
  const platform = lab ? readPlatform(name, lab.slot) : plain;
  const engine = await ensureEngine({ ...(signal && { signal }) }, report);
  return { ...platform, lab, project: await projectOf(engine, lab) };
}

async function projectOf(engine: Engine, lab: DeployedPlatform["lab"]): Promise<Project> {
  const surroundings = {
    engineEnv: { ...engine.env, ...(lab && { TANDEM_LAB: lab.directory }) },
    backendEnv: lab ? fileBackendEnv(lab.directory) : backendEnv(),
  };
  return lab ? projectBeside(join(lab.directory, "project"), surroundings) : projectInCheckout(surroundings);
}
