// What a case does to the lab, as data, and what takes it back. Pure.

/** Processes of a service: by name, and of several of that name the first one or those that it started. */
export interface Processes {
  readonly service: string;
  readonly name: string;
  readonly which?: "parent" | "children";
}

export type Action =
  | { readonly kind: "kill"; readonly host: string; readonly processes: Processes }
  | { readonly kind: "hang" | "continue"; readonly host: string; readonly processes: Processes }
  | { readonly kind: "stop" | "start"; readonly host: string; readonly service: string }
  | { readonly kind: "cut" | "heal"; readonly host: string; readonly cable: string }
  | { readonly kind: "power-off" | "power-on"; readonly host: string }
  | { readonly kind: "separate" | "join"; readonly host: string; readonly from: string }
  /** A database host's data move to a small disk of their own and back; that disk is filled and freed. */
  | { readonly kind: "shrink-disk" | "restore-disk" | "fill-disk" | "free-disk"; readonly host: string };

/** What takes an action back; what was killed is started again by the engine. */
export function undoOf(action: Action): Action | undefined {
  switch (action.kind) {
    case "hang":
      return { ...action, kind: "continue" };
    case "stop":
      return { ...action, kind: "start" };
    case "cut":
      return { ...action, kind: "heal" };
    case "power-off":
      return { ...action, kind: "power-on" };
    case "separate":
      return { ...action, kind: "join" };
    case "shrink-disk":
      return { ...action, kind: "restore-disk" };
    case "fill-disk":
      return { ...action, kind: "free-disk" };
    default:
      return undefined;
  }
}

export interface Ledger {
  /** Acts, and remembers first what takes it back: an action that fails halfway is undone, too. */
  readonly act: (action: Action) => Promise<void>;
  /** How many things are to be taken back. */
  readonly size: () => number;
  /**
   * Takes back what was done, the last first, until only so many are left, as before them; one that fails does not keep the others from
   * it. Returns what failed.
   */
  readonly undoAll: (leave?: number) => Promise<string[]>;
}

/**
 * Keeps account of what must be taken back, whenever a case ends and however. `remember` is told all of it at each change, so that a drill
 * that was killed can be cleared up after; `left` is what such a drill left.
 */
export function ledger(
  perform: (action: Action) => Promise<void>,
  remember: (open: readonly Action[]) => void = () => {},
  left: readonly Action[] = [],
): Ledger {
  const open: Action[] = [...left];
  return {
    act: async (action) => {
      const undo = undoOf(action);
      if (undo) open.push(undo);
      remember(open);
      await perform(action);
    },
    size: () => open.length,
    undoAll: async (leave = 0) => {
      const failed: string[] = [];
      while (open.length > leave) {
        const undo = open.pop() as Action;
        try {
          await perform(undo);
        } catch (error) {
          failed.push(`${describe(undo)}: ${(error as Error).message}`);
        }
        remember(open);
      }
      return failed;
    },
  };
}

/** An action in words, as in "cut dc1-platform-db1 storage". */
export function describe(action: Action): string {
  switch (action.kind) {
    case "kill":
    case "hang":
    case "continue": {
      const { name, which } = action.processes;
      return `${action.kind} ${name}${which ? ` (${which})` : ""} on ${action.host}`;
    }
    case "stop":
    case "start":
      return `${action.kind} ${action.service} on ${action.host}`;
    case "cut":
    case "heal":
      return `${action.kind} ${action.host} ${action.cable}`;
    case "separate":
    case "join":
      return `${action.kind} ${action.host} and ${action.from}`;
    default:
      return `${action.kind} ${action.host}`;
  }
}
