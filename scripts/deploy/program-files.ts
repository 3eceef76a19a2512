import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** Of all that decides what a program declares. */
const programParts = ["Pulumi.yaml", "package-lock.json", "components", "environments", "policies", "stacks"] as const;

/** Files of the program by their path in the checkout. */
export const programFiles = (root: string): string[] =>
  programParts.flatMap((part) => filesIn(root, part)).filter((file) => file !== join("stacks", "made-up.ts"));

const filesIn = (root: string, path: string): string[] => {
  const whole = join(root, path);
  const found = statSync(whole, { throwIfNoEntry: false });
  if (!found) return [];
  return found.isFile()
    ? [path]
    : readdirSync(whole)
        .sort()
        .flatMap((name) => filesIn(root, join(path, name)));
};
