import { Listr } from "listr2";
import { verbose } from "../console/log.ts";

/** Says how far each of several stacks is. */
export interface StackProgress {
  update(stack: string, text: string): void;
  end(stack: string, text: string): void;
  /** Waits until all is drawn; what has not ended is shown as left out. */
  close(): Promise<void>;
}

/** Progress on the terminal, one line a stack that is kept up to date; plain lines on anything else. Always on the given stream. */
export function stackProgress(title: string, stacks: readonly string[], stream: NodeJS.WriteStream): StackProgress {
  return stream.isTTY && stream === process.stdout && !verbose ? liveProgress(stacks) : plainProgress(title, stacks, stream);
}

function plainProgress(title: string, stacks: readonly string[], stream: NodeJS.WriteStream): StackProgress {
  let ended = 0;
  stream.write(`${title}: ${stacks.length} ${stacks.length === 1 ? "stack" : "stacks"}\n`);
  return {
    update: () => {},
    end: (stack, text) => {
      ended += 1;
      stream.write(`[${ended}/${stacks.length}] ${stack}: ${text}\n`);
    },
    close: async () => {},
  };
}

function liveProgress(stacks: readonly string[]): StackProgress {
  const lines = new Map(stacks.map((stack) => [stack, { title: stack, ...Promise.withResolvers<void>() }]));
  const tasks = new Map<string, { title: string }>();
  const show = (stack: string, text: string): void => {
    const line = lines.get(stack);
    const task = tasks.get(stack);
    if (line) line.title = `${stack}: ${text}`;
    if (line && task) task.title = line.title;
  };
  const drawn = new Listr(
    stacks.map((stack) => ({
      title: `${stack}: waits`,
      task: async (_: unknown, task): Promise<void> => {
        tasks.set(stack, task);
        await lines.get(stack)?.promise;
      },
    })),
    { concurrent: true, registerSignalListeners: false, exitOnError: false },
  ).run();
  const end = (stack: string, text: string): void => {
    show(stack, text);
    lines.get(stack)?.resolve();
  };
  const ended = new Set<string>();
  return {
    update: show,
    end: (stack, text) => {
      ended.add(stack);
      end(stack, text);
    },
    close: async () => {
      for (const stack of stacks) if (!ended.has(stack)) end(stack, "not run");
      await drawn;
    },
  };
}
