import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { readClusterUid } from "../../../components/control-plane/api-health.ts";
import { renderKubeconfig } from "../../../components/control-plane/kubeconfig.render.ts";
import { type TrialProject, trialProject } from "../../../scripts/bench/trial-project.ts";
import { checkout } from "../../../scripts/console/directories.ts";
import { ensureEngine } from "../../../scripts/toolchain/engine.ts";
import { startControlPlane, type TestControlPlane } from "../../support/control-plane.ts";

let plane: TestControlPlane;
let directory: string;
let trial: TrialProject;
let uid: string;

const program = `
import { existsSync, readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { ClusterAccess } from ${JSON.stringify(join(checkout, "components/control-plane/cluster-access.ts"))};
const file = process.env["KNOWN"];
const unknown = pulumi.output(pulumi.unknown);
const { kubeconfig, clusterUid } = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : { kubeconfig: unknown, clusterUid: unknown };
new ClusterAccess("cluster", { kubeconfig: pulumi.secret(kubeconfig), clusterUid });
`;

before(async () => {
  plane = await startControlPlane();
  directory = mkdtempSync(join(tmpdir(), "tandem-access-"));
  process.env["KNOWN"] = join(directory, "known.json");
  const engine = await ensureEngine({ needs: ["kubernetes"] }, () => {});
  const { signal } = new AbortController();
  trial = await trialProject(join(directory, "project"), { engine, signal }, { program, typescript: "stripped" });
  const caller = { authorities: plane.authorities, user: plane.administrator };
  uid = await readClusterUid([{ name: "cp1", address: "127.0.0.1", port: plane.ports.api }], caller, 10);
});
after(async () => {
  await plane?.stop();
  if (directory) rmSync(directory, { recursive: true, force: true });
  delete process.env["KNOWN"];
});

function know(host: string): void {
  const kubeconfig = renderKubeconfig({
    cluster: "lab-dc1",
    server: `https://${host}:${plane.ports.api}`,
    user: "administrator",
    authorities: { pem: plane.authorities },
    credential: plane.administrator,
  });
  writeFileSync(join(directory, "known.json"), JSON.stringify({ kubeconfig, clusterUid: uid }));
}

const up = (): Promise<string> => trial.pulumi("up", "--yes", "--skip-preview");

test("a preview shows what will be there before the cluster is", async () => {
  assert.match(await trial.pulumi("preview"), /7 to create/);
});

test("the administrator's kubeconfig gets in by the platform's authority and makes the first rights, once", async () => {
  know("127.0.0.1");
  assert.match(await up(), /7 created/);
  assert.match(await up(), /7 unchanged/);
});

test("another kubeconfig of the same cluster replaces nothing in it", async () => {
  know("localhost");
  const result = await up();
  assert.match(result, /1 updated/);
  assert.doesNotMatch(result, /replaced|deleted|created/);
});
