/** A mistake or a circumstance that the user can mend: shown as its message, without a stack trace. */
export class UserError extends Error {
  override readonly name = "UserError";
}

/** Runs a command's main function; a `UserError` ends the process with its message alone, anything else with its stack. */
export async function main(run: () => Promise<number | undefined>): Promise<void> {
  try {
    process.exitCode = (await run()) ?? 0;
  } catch (error) {
    const plain = error instanceof Error && (error.name === "UserError" || error.name === "EnvironmentError");
    process.stderr.write(`${plain ? error.message : error instanceof Error ? error.stack : String(error)}\n`);
    process.exitCode = 1;
  }
}
