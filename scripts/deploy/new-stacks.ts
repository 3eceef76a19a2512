import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { privateDirectory } from "../console/directories.ts";
import { withSharedSalt } from "./stack-file.ts";

/** Makes stacks: the first one alone, the others side by side, opened by what opens the first one. */
export function newStacks(
  stackFiles: string,
  init: (stack: string) => Promise<unknown>,
  initLike: (stack: string, first: string) => Promise<unknown>,
): (stack: string) => Promise<void> {
  /** Its name; undefined when it could not be made. */
  let first: Promise<string | undefined> | undefined;
  return async (stack) => {
    const made = await first;
    shareSalt(stackFiles, stack);
    if (made !== undefined) {
      await initLike(stack, made);
      return;
    }
    const making = init(stack);
    first = making.then(
      () => stack,
      () => undefined,
    );
    await making;
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
