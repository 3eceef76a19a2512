import { isLiveRun, processes, processMark, readNulSeparated, runVariable, startOf } from "../console/run-mark.ts";

export { isLiveRun, processMark, runVariable };

// Each process that a run starts carries the run's mark in its environment, and so do the processes that those start (plugins, programs):
// after a kill, the next run finds the ones that were left, and no one else's.

export interface LeftProcess {
  readonly pid: number;
  readonly command: string;
}

/** Whether a process is an engine that runs: its id can have gone to another program since. */
export function isLiveEngine(pid: number): boolean {
  return startOf(pid) !== undefined && readNulSeparated(`/proc/${pid}/cmdline`).some((word) => /(^|\/)pulumi[^/]*$/.test(word));
}

/** Processes on this backend that match, by their run's mark. */
function processesOf(backend: string, matches: (mark: string) => boolean): LeftProcess[] {
  return processes().flatMap(({ pid, environment }) => {
    const value = (key: string): string | undefined =>
      environment.find((entry) => entry.startsWith(`${key}=`))?.slice(key.length + 1);
    const mark = value(runVariable);
    if (mark === undefined || value("PULUMI_BACKEND_URL") !== backend || !matches(mark) || startOf(pid) === undefined) return [];
    return [{ pid, command: readNulSeparated(`/proc/${pid}/cmdline`).slice(0, 3).join(" ") }];
  });
}

/** Processes that a dead run left behind. */
export const leftProcesses = (backend: string): LeftProcess[] => processesOf(backend, (mark) => !isLiveRun(mark));

/** Processes that this run started. */
export const ownProcesses = (backend: string): LeftProcess[] => processesOf(backend, (mark) => mark === processMark(process.pid));

const isEngine = (process: LeftProcess): boolean => /(^|\/)pulumi( |$)/.test(process.command);

/** Asks engines to end what they are doing and to write it down. To ask twice makes them leave at once, with the state as it is. */
export function interruptEngines(processes: readonly LeftProcess[]): void {
  for (const engine of processes.filter(isEngine)) signal(engine.pid, "SIGINT");
}

/** Waits until processes that were asked have ended, and kills what is left after the bound. Without an engine there is nothing to wait for. */
export async function endProcesses(list: () => readonly LeftProcess[], patienceSeconds: number): Promise<void> {
  const deadline = Date.now() + (list().some(isEngine) ? patienceSeconds * 1000 : 0);
  for (let killed = false; ; ) {
    const left = list();
    if (left.length === 0) return;
    if (Date.now() > deadline) {
      if (killed && Date.now() > deadline + 5_000)
        throw new Error(`processes ${left.map(({ pid }) => pid).join(", ")} can't be ended`);
      for (const { pid } of left) signal(pid, "SIGKILL");
      killed = true;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
