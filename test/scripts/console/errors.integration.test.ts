import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { execaSync } from "execa";
import { checkout } from "../../../scripts/console/directories.ts";

const directory = mkdtempSync(join(tmpdir(), "tandem-errors-"));
after(() => rmSync(directory, { recursive: true }));

function failing(error: string): string {
  const module = (name: string): string => JSON.stringify(join(checkout, "scripts", "console", name));
  const program = `import { main, UserError } from ${module("errors.ts")};
    import { log } from ${module("log.ts")};
    await main(async () => {
      for (let line = 1; line <= 20; line++) log("line " + line);
      throw ${error};
    });`;
  const env = { XDG_STATE_HOME: directory, PATH: "" };
  const result = execaSync(process.execPath, ["--input-type=module", "-e", program], { env, extendEnv: false, reject: false });
  assert.equal(result.exitCode, 1);
  return result.stderr;
}

test("an unexpected error shows its stack, the log's last lines and where the log is", () => {
  const shown = failing('new TypeError("x is undefined")');
  assert.match(
    shown,
    /^TypeError: x is undefined\n {4}at .*\nLast in the log:\nline 6\n.*line 20\nAll of the log: .*\/logs\/.*\.log$/s,
  );
});

test("what the user can mend is shown as its message alone", () => {
  assert.equal(failing('new UserError("memory: found 1 MiB")'), "memory: found 1 MiB");
});
