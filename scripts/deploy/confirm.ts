import { createInterface } from "node:readline/promises";
import { UserError } from "../console/errors.ts";

/** Refuses a question that nobody could be asked: before long work that ends with it. */
export function requireTerminal(question: string): void {
  if (!process.stdin.isTTY)
    throw new UserError(`${question} There is no terminal to ask on; allowed is --yes. Nothing was changed.`);
}

/** Asks on the terminal; only "yes" is a yes. Without a terminal, `--yes` is what allows it. */
export async function confirmed(question: string): Promise<boolean> {
  requireTerminal(question);
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return (await lines.question(`${question} Only "yes" goes on: `)).trim() === "yes";
  } finally {
    lines.close();
  }
}
