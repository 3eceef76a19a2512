/** A mistake or a circumstance that the user can mend: shown as its message, without a stack trace. */
export class UserError extends Error {
  override readonly name = "UserError";
}

/** Runs a command's main function; a `UserError` ends the process with its message alone, anything else with its stack and the log's end. */
export async function main(run: () => Promise<number | undefined>): Promise<void> {
  try {
    process.exitCode = (await run()) ?? 0;
  } catch (error) {
    process.stderr.write(`${await describe(error)}\n`);
    process.exitCode = 1;
  }
}

async function describe(error: unknown): Promise<string> {
  if (error instanceof Error && (error.name === "UserError" || error.name === "EnvironmentError")) return error.message;
  // Only now: the log itself needs this file.
  const { logEnd } = await import("./log.ts");
  const said = logEnd();
  return `${(error instanceof Error && error.stack) || String(error)}${said && `\nLast in the log:\n${said}`}`;
}
