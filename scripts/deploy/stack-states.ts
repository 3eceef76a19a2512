import { writeFileSync } from "node:fs";
import { join } from "node:path";
import pLimit from "p-limit";
import { withTemporaryDirectory } from "../console/temporary-directory.ts";
import type { Deployment } from "./deployment.ts";
import { readCheckpoint } from "./file-backend.ts";
import type { Project } from "./workspace.ts";

/** A stack's state as the engine exports it; secrets stay encrypted unless asked for. */
export async function exportState(
  project: Project,
  stack: string,
  options: { readonly showSecrets?: boolean } = {},
): Promise<Deployment> {
  return JSON.parse(
    await project.cli(["stack", "export", "--stack", stack, ...(options.showSecrets ? ["--show-secrets"] : [])]),
  ) as Deployment;
}

/** Names of the stacks that have been deployed, of those given. */
export async function deployedStacks(project: Project, stacks: readonly { readonly name: string }[]): Promise<string[]> {
  const sizes = await project.list();
  return stacks.map(({ name }) => name).filter((name) => (sizes.get(name) ?? 0) > 0);
}

/** The states of several stacks to read: their secrets encrypted, without the engine where the backend allows it. */
export function readStates(project: Project, stacks: readonly string[]): Promise<[string, Deployment][]> {
  return Promise.all(
    stacks.map(
      async (stack): Promise<[string, Deployment]> => [
        stack,
        readCheckpoint(project, stack) ?? (await exportState(project, stack)),
      ],
    ),
  );
}

/** The states of several stacks as the engine exports them: to be imported again. */
export function exportStates(project: Project, stacks: readonly string[]): Promise<[string, Deployment][]> {
  const limit = pLimit(4);
  return Promise.all(
    stacks.map((stack) => limit(async (): Promise<[string, Deployment]> => [stack, await exportState(project, stack)])),
  );
}

/** Writes a stack's state. It passes through a file that only its owner reads. */
export async function importState(project: Project, stack: string, state: Deployment): Promise<void> {
  await withTemporaryDirectory(async (directory) => {
    const file = join(directory, "state.json");
    writeFileSync(file, JSON.stringify(state), { mode: 0o600 });
    await project.cli(["stack", "import", "--stack", stack, "--file", file]);
  });
}
