import { execa } from "execa";
import { checkout } from "../console/directories.ts";
import { main } from "../console/errors.ts";
import { processMark, runVariable } from "../console/run-mark.ts";
import { backendEnvFor } from "./backend.ts";
import { ensureEngine } from "./engine.ts";
import { withStartedPack } from "./policy-pack.ts";

// npm run pulumi -- <args>: the chosen CLI in the environment that it needs.
await main(async () => {
  const engine = await ensureEngine({}, (text) => process.stderr.write(`${text}\n`));
  // A terminal's Ctrl-C reaches the CLI by itself; it decides when it is done, and we end with it.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.on(signal, () => signal === "SIGTERM" && child.kill(signal));
  const args = withStartedPack(process.argv.slice(2), checkout);
  const child = execa(engine.cli, args, {
    cwd: checkout,
    // With the run's mark, the next run finds plugins that a kill of this one left.
    env: {
      ...engine.env,
      ...backendEnvFor(args),
      [runVariable]: processMark(process.pid) ?? "",
    },
    stdio: "inherit",
    reject: false,
    // The CLI is not to be killed with us: a killed update leaves a lock and pending operations.
    cleanup: false,
  });
  const result = await child;
  if (result.exitCode === undefined && !result.signal) throw result;
  return result.exitCode ?? 130;
});
