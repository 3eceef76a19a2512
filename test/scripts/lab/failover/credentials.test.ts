import assert from "node:assert/strict";
import { test } from "node:test";
import type { Project } from "../../../../scripts/deploy/workspace.ts";
import { readCredentials } from "../../../../scripts/lab/failover/credentials.ts";

const secret = (value: unknown) => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  plaintext: JSON.stringify(value),
});

/** A project whose stacks have these outputs, as the engine exports them with secrets shown. */
const project = (outputs: Readonly<Record<string, unknown>>): Project => {
  const cli = async (args: readonly string[]): Promise<string> => {
    assert.deepEqual([...args.slice(0, 2), args.at(-1)], ["stack", "export", "--show-secrets"]);
    const root = { urn: "urn:pulumi:x::tandem::pulumi:pulumi:Stack::tandem-x", type: "pulumi:pulumi:Stack" };
    return JSON.stringify({ version: 3, deployment: { resources: [{ ...root, outputs: outputs[args[3] ?? ""] }] } });
  };
  return { cli } as unknown as Project;
};

const trust = {
  authorities: {
    platform: [
      { name: "a2", certificate: "A2\n" },
      { name: "a1", certificate: "A1\n" },
    ],
    "kubernetes-dc1": [],
  },
  certificates: { "database-drill-dc1": "CERT" },
  privateKeys: secret({ "database-drill-dc1": "KEY" }),
};

test("clients log in with the drill's certificate and the administrator's kubeconfig, and trust all authorities that hosts trust", async () => {
  const stacks = project({ "lab-trust": trust, "lab-dc1": { kubeconfig: secret("apiVersion: v1") } });
  assert.deepEqual(await readCredentials(stacks, "lab", "dc1"), {
    authority: "A2\nA1",
    certificate: "CERT",
    key: "KEY",
    kubeconfig: "apiVersion: v1",
  });
});

test("a site that is not deployed as far as that is refused with what is missing and how to get it", async () => {
  await assert.rejects(readCredentials(project({ "lab-trust": trust, "lab-dc1": {} }), "lab", "dc1"), {
    name: "UserError",
    message: "stack lab-dc1: has no output kubeconfig, which the drill's clients log in with; run: npm run up -- --platform lab",
  });
  await assert.rejects(
    readCredentials(project({ "lab-trust": { ...trust, certificates: {} } }), "lab", "dc1"),
    /no output certificates.database-drill-dc1/,
  );
});
