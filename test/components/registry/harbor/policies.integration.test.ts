import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { HarborPolicies } from "../../../../components/registry/harbor/harbor-policies.ts";
import { declaredHarbor } from "../../../../environments/model/harbor.ts";
import type { Site } from "../../../../environments/model/topology.ts";
import { type DeclaredResource, runMocked } from "../../../support/mocked-program.ts";
import { testCredentials } from "../../../support/test-credentials.ts";
import { reference } from "./harbors.ts";

// In a process of its own: mocks are the process's.

test("a preview shows what a site's Harbor is told, and passwords go by an input that is secret", async () => {
  const [site] = reference.sites as [Site];
  const directory = mkdtempSync(join(tmpdir(), "tandem-test-harbor-policies-"));
  const declared: DeclaredResource[] = [];
  const register = async (resource: DeclaredResource): Promise<void> => void declared.push(resource);
  try {
    const credentials = testCredentials(reference, directory, (purpose) => pulumi.secret(`planted-${purpose}`));
    await runMocked({ stack: "reference-test", isPreview: true, register }, async () => {
      new HarborPolicies("policies", { topology: reference, site, credentials });
    });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  const [command] = declared.filter(({ type }) => type === "command:local:Command");
  assert.ok(command);
  const { environment, stdin, ...rest } = command.inputs as Record<string, unknown>;
  assert.deepEqual(command.secrets, ["stdin"]);
  assert.deepEqual(environment, { TANDEM_HARBOR: JSON.stringify(declaredHarbor(reference, site)) });
  assert.deepEqual(rest, { create: "node scripts/registry/harbor/apply.ts", update: "node scripts/registry/harbor/apply.ts" });
  assert.match(String(stdin), /"pull-policy":"planted-registry-pull-policy"/);
  assert.ok(!JSON.stringify([environment, rest]).includes("planted-"));
});
