// npm run check: types, lint and format, in seconds.
import { join } from "node:path";
import { checkout } from "./console/directories.ts";
import { main } from "./console/errors.ts";
import { runTool } from "./console/log.ts";
import { runSteps, type Step } from "./console/steps.ts";

const modules = join(checkout, "node_modules");
const biome = join(modules, "@biomejs", `cli-${process.platform}-${process.arch}`, "biome");

/** The checks that need nothing but the packages. */
export function staticChecks(): Step[] {
  return [
    {
      title: "types",
      run: () => runTool(join(modules, ".bin", "tsc"), ["--project", "."], { cwd: checkout }).then(() => "sound"),
    },
    { title: "lint and format", run: () => runTool(biome, ["ci", "--colors=off", "."], { cwd: checkout }).then(() => "clean") },
  ];
}

if (import.meta.main) await main(() => runSteps(staticChecks()).then(() => 0));
