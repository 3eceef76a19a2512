import { chmodSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** Writes a file that is there as a whole or not at all, whenever the process ends and whoever reads it meanwhile. */
export function writeWhole(path: string, text: string, mode = 0o600): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const beside = `${path}.${process.pid}.new`;
  writeFileSync(beside, text, { mode });
  // What the process's mask took away.
  chmodSync(beside, mode);
  renameSync(beside, path);
}
