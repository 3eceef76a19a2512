import { log } from "../console/log.ts";
import { chosenStacks } from "./platform.ts";
import { stackProgress } from "./progress.ts";
import type { StackReport } from "./run-stack.ts";
import { runStacks } from "./run-stacks.ts";
import { openPlatform } from "./surroundings.ts";
import { type Project, withEmptyBackend } from "./workspace.ts";

export interface PreviewOptions {
  readonly platform: string;
  /** Names; empty for all. */
  readonly stacks: readonly string[];
  readonly jobs: number;
  readonly diff: boolean;
  /** As if nothing were deployed, whatever the platform's backend holds. */
  readonly fromEmpty: boolean;
  readonly signal: AbortSignal;
  /** Where progress goes. */
  readonly stream: NodeJS.WriteStream;
}

export interface PreviewResult {
  readonly platform: string;
  /** What it was compared with: the platform's own state, or nothing. */
  readonly from: "state" | "empty";
  readonly reports: readonly StackReport[];
}

/** Previews the stacks of a platform: against its state when it was deployed, otherwise from an empty one. No host is reached. */
export async function preview(options: PreviewOptions): Promise<PreviewResult> {
  const platform = await openPlatform(options.platform, (text) => void options.stream.write(`${text}\n`));
  const stacks = chosenStacks(platform, options.stacks);
  const run = async (project: Project, from: PreviewResult["from"]): Promise<PreviewResult> => {
    log(
      `preview of ${stacks.length} stacks of ${platform.name}, ${options.jobs} at once, from ${from === "empty" ? "an empty state" : project.backend}`,
    );
    const names = stacks.map((stack) => stack.name);
    const reports = await runStacks(project, stacks, {
      kind: "preview",
      jobs: options.jobs,
      diff: options.diff,
      signal: options.signal,
      progress: stackProgress(`preview of ${platform.name}, ${options.jobs} at once`, names, options.stream),
    });
    return { platform: platform.name, from, reports };
  };
  const deployed = options.fromEmpty ? new Map<string, number>() : await platform.project.list();
  if (platform.stacks.some(({ name }) => (deployed.get(name) ?? 0) > 0)) return run(platform.project, "state");
  return withEmptyBackend({ engineEnv: platform.project.engineEnv }, (project) => run(project, "empty"));
}
