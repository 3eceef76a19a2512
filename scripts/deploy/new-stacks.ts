import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { privateDirectory } from "../console/directories.ts";
import { withSharedSalt } from "./stack-file.ts";

/** Makes stacks: the first one alone, the others side by side with what opens it. */
export function newStacks(stackFiles: string, init: (stack: string) => Promise<unknown>): (stack: string) => Promise<void> {
  let first: Promise<unknown> | undefined;
  return async (stack) => {
    if (first) {
      await Promise.allSettled([first]);
      shareSalt(stackFiles, stack);
      await init(stack);
    } else {
      shareSalt(stackFiles, stack);
      first = init(stack);
      await first;
    }
  };
}

function shareSalt(directory: string, stack: string): void {
  const read = (name: string): Record<string, unknown> =>
    (parse(readFileSync(join(directory, name), "utf8")) ?? {}) as Record<string, unknown>;
  const own = `Pulumi.${stack}.yaml`;
  const names = readdirSync(privateDirectory(directory)).filter((name) => name.startsWith(`Pulumi.${stack.split("-")[0]}-`));
  const file = names.includes(own) ? read(own) : {};
  const shared = withSharedSalt(
    file,
    names
      .filter((name) => name !== own)
      .sort()
      .map(read),
  );
  if (shared !== file) writeFileSync(join(directory, own), stringify(shared), { mode: 0o600 });
}
