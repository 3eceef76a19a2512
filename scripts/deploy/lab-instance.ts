import { readFileSync } from "node:fs";
import { join } from "node:path";
export interface Lab {
  readonly id: string;
  readonly slot: number;
  readonly dockerHost: string;
  readonly directory: string;
}
export const readLab = (): Lab | undefined => {
  const directory = process.env["TANDEM_LAB"];
  return directory ? ({ ...JSON.parse(readFileSync(join(directory, "lab.json"), "utf8")), directory } as Lab) : undefined;
};
