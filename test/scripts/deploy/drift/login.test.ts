import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { keyProblem } from "../../../../scripts/deploy/drift/login.ts";

describe("the key that logs in to real machines", () => {
  it("is a file or the agent; without either the problem names both ways", () => {
    assert.equal(keyProblem({ TANDEM_SSH_KEY_FILE: import.meta.filename }), undefined);
    assert.equal(keyProblem({ SSH_AUTH_SOCK: "/run/agent" }), undefined);
    assert.match(keyProblem({}) ?? "", /TANDEM_SSH_KEY_FILE.*SSH_AUTH_SOCK/);
  });

  it("is refused when its file is not there, also beside an agent", () => {
    assert.match(
      keyProblem({ TANDEM_SSH_KEY_FILE: "/nowhere/key", SSH_AUTH_SOCK: "/run/agent" }) ?? "",
      /there is no file "\/nowhere\/key"/,
    );
  });
});
