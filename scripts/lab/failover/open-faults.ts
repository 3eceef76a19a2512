import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Host } from "../../../environments/model/topology.ts";
import { writeWhole } from "../../console/files.ts";
import type { Lab } from "../instance.ts";
import { type Action, type Ledger, ledger } from "./actions.ts";
import { perform } from "./faults.ts";

const fileOf = (lab: Lab): string => join(lab.directory, "failover", "open.json");

/** What takes back what a case breaks, written down while it is open: also what a drill left that was killed. */
export function faultsOf(lab: Lab, hosts: readonly Host[]): Ledger {
  const file = fileOf(lab);
  const left = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Action[]) : [];
  const remember = (open: readonly Action[]): void =>
    open.length > 0 ? writeWhole(file, `${JSON.stringify(open)}\n`) : rmSync(file, { force: true });
  return ledger((action) => perform(lab, hosts, action), remember, left);
}
