import { isLiveRun, processes, processMark } from "./run-mark.ts";

// Tools that a run starts (compilers, debootstrap, apt) don't end with a run that is killed, and go on writing where the next one begins again.

/** Name of the environment variable that holds the mark of the run that a tool works for. */
const toolVariable = "TANDEM_TOOL_OF";

export const toolEnv = (): Readonly<Record<string, string>> => ({ [toolVariable]: processMark(process.pid) ?? "" });

/** Ends the tools of runs that are dead, and what these tools started. */
export function endLeftTools(): void {
  for (const { pid, environment } of processes()) {
    const entry = environment.find((one) => one.startsWith(`${toolVariable}=`));
    if (entry === undefined || isLiveRun(entry.slice(toolVariable.length + 1))) continue;
    try {
      process.kill(pid, "SIGKILL");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
}
