import { readFileSync } from "node:fs";
import { join } from "node:path";
import { environmentsDirectory } from "../../environments/model/load.ts";

/** The environment file of the reference platform. */
export const referenceText: string = readFileSync(join(environmentsDirectory, "reference.yaml"), "utf8");
