import type { Platform } from "./platform.ts";

// Stacks that a backend still has and the environment file no longer declares: no up goes through them. Pure.

/** Deployed stacks of a platform that are no longer declared, by the names and sizes of what the backend has. */
export function undeclaredStacks(
  { name, stacks }: Pick<Platform, "name" | "stacks">,
  sizes: ReadonlyMap<string, number>,
): string[] {
  const declared = new Set(stacks.map((stack) => stack.name));
  return [...sizes]
    .filter(([stack, size]) => size > 0 && stack.startsWith(`${name}-`) && !declared.has(stack))
    .map(([stack]) => stack)
    .sort();
}

/** What they are, and how to be rid of them. */
export const howToRemove = (platform: string, stacks: readonly string[]): string =>
  `deployed, but no longer declared in environments/${platform}.yaml: ${stacks.join(", ")}. What they hold is left as it is. Put them back ` +
  `into the file, or remove them with what they hold: ${stacks.map((stack) => `npm run pulumi -- destroy --remove --stack ${stack}`).join("; ")}`;
