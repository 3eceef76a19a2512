import { join, resolve } from "node:path";

/** What starts a project's policy pack, in its root. */
export const policyPackFile = "policies/start.mjs";

/**
 * The arguments of a CLI that may have been built from source: the language host that comes with it starts no policy packs, but an engine starts
 * a file by itself. A path counts from a project's root.
 */
export const withStartedPack = (args: readonly string[], root: string): string[] =>
  args.map((arg, index) => {
    const isValue = args[index - 1] === "--policy-pack";
    const path = isValue ? arg : /^--policy-pack=(.*)$/.exec(arg)?.[1];
    if (path === undefined || resolve(root, path) !== resolve(root, policyPackFile, "..")) return arg;
    return `${isValue ? "" : "--policy-pack="}${join(root, policyPackFile)}`;
  });
