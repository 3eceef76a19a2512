import { createInterface } from "node:readline/promises";
import { UserError } from "../console/errors.ts";

/** Asks on the terminal; only "yes" is a yes. Without a terminal, `--yes` is what allows it. */
export async function confirmed(question: string): Promise<boolean> {
  if (!process.stdin.isTTY)
    throw new UserError(`${question} There is no terminal to ask on; allowed is --yes. Nothing was changed.`);
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return (await lines.question(`${question} Only "yes" goes on: `)).trim() === "yes";
  } finally {
    lines.close();
  }
}
