import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before } from "node:test";
import { customKindOf } from "../../../components/cluster/custom-kind.render.ts";
import { snapshotKinds } from "../../../components/cluster/snapshot-kinds.render.ts";
import { keepingVolumes } from "../../../components/cluster/volume-authors.render.ts";
import { controllerDeployment, controllerRules, electionRules } from "../../../components/storage/claims/claims-driver.render.ts";
import {
  snapshotControllerDeployment,
  snapshotControllerName,
  snapshotControllerRules,
} from "../../../components/storage/claims/snapshot-controller.render.ts";
import { driverName, driverParts } from "../../../components/storage/claims/storage-classes.render.ts";
import { ensureKubernetesBinaries } from "../../../scripts/toolchain/kubernetes-binaries.ts";
import { ApiClient } from "../../../scripts/toolchain/plugins/kubernetes/client.ts";
import { readKubeconfig } from "../../../scripts/toolchain/plugins/kubernetes/kubeconfig.ts";
import { textAt } from "../../../scripts/toolchain/plugins/kubernetes/manifest.ts";
import type { Values } from "../../../scripts/toolchain/plugins/provider/values.ts";
import { type ApiServer, startApiServer } from "../../support/api-server.ts";
import { type CsiDriver, startCsiDriver } from "../../support/csi-driver.ts";
import { spawnOwned } from "../../support/interrupted.ts";
import { claimsDriver } from "./claims-driver.ts";

// The real API server on a zone's StorageClasses and what answers their claims. No image of the driver is to be had here, so what plays it makes nothing.

export let server: ApiServer;
export const signal = new AbortController().signal;
const { zone, namespace } = claimsDriver;
const systemNamespace = "platform-system";

export const create = (path: string, body: object) =>
  server.client.call(`${path}?fieldValidation=Strict`, { method: "POST", body: body as Values, signal });
export const refusal = (path: string, body: object): Promise<string> =>
  create(path, body).then(
    () => "made",
    (error: Error) => error.message,
  );

before(async () => {
  // As the platform's own API server has it (components/control-plane/kube-apiserver.render.ts).
  server = await startApiServer(["--allow-privileged=true"]);
  for (const [name, level] of Object.entries({
    ...{ [namespace]: "privileged", [systemNamespace]: "restricted" },
    ...{ policy: "restricted", office: "restricted" },
  }))
    await create("/api/v1/namespaces", {
      metadata: { name, labels: { "pod-security.kubernetes.io/enforce": level } },
    });
  for (const kind of snapshotKinds) await create("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", customKindOf(kind));
  const policy = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies";
  const name = "volumes";
  await create(policy, { metadata: { name }, spec: keepingVolumes });
  await create(policy.replace(/ies$/, "ybindings"), {
    metadata: { name },
    spec: { policyName: name, validationActions: ["Deny"] },
  });
});
after(() => server?.stop());

/** Runs what answers a zone's claims, and what answers all snapshots, as their containers do and as their accounts, beside what plays the driver. */
export async function whileAnswering(work: (driver: CsiDriver, said: () => string) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "tandem-claims-"));
  const file = (name: string): string => join(directory, name);
  const said = (): string => readFileSync(file("log"), "utf8");
  const driver = await startCsiDriver(file("csi.sock"), driverName(zone));
  const running: (() => unknown)[] = [() => driver.stop()];
  try {
    const programs = await ensureKubernetesBinaries(["csi-provisioner", "csi-snapshotter", "snapshot-controller"], () => {});
    const run = async (program: keyof typeof programs, token: string, container: { readonly args: readonly string[] }) => {
      const kubeconfig = file(program);
      writeFileSync(kubeconfig, server.kubeconfigWith(token), { mode: 0o600 });
      const args = container.args.map((arg) => arg.replace(/^--csi-address=.*/, `--csi-address=${file("csi.sock")}`));
      const output = openSync(file("log"), "a");
      const child = spawnOwned(programs[program], [...args, `--kubeconfig=${kubeconfig}`], {
        stdio: ["ignore", output, output],
      });
      running.push(() => child.kill("SIGKILL"));
    };
    const containers = controllerDeployment(claimsDriver).template.spec.containers as { name: string; args?: string[] }[];
    const argsOf = (name: string) => ({ args: containers.find((container) => container.name === name)?.args ?? [] });
    const answering = await tokenOf(driverParts.controller, namespace, controllerRules);
    await run("csi-provisioner", answering, argsOf("provisioner"));
    await run("csi-snapshotter", answering, argsOf("snapshotter"));
    const [controller] = snapshotControllerDeployment(zone, systemNamespace, "").template.spec.containers;
    if (controller)
      await run(
        "snapshot-controller",
        await tokenOf(snapshotControllerName, systemNamespace, snapshotControllerRules),
        controller,
      );
    await work(driver, said);
  } catch (error) {
    throw new Error(said(), { cause: error });
  } finally {
    for (const end of running.reverse()) end();
    rmSync(directory, { recursive: true, force: true });
  }
}

const tokens = new Map<string, Promise<string>>();

/** Of an account that a pod runs as, with the rights that it is bound to. */
function tokenOf(name: string, at: string, rules: readonly object[]): Promise<string> {
  const token = tokens.get(name) ?? makeToken(name, at, rules);
  tokens.set(name, token);
  return token;
}

async function makeToken(name: string, at: string, rules: readonly object[]): Promise<string> {
  const accounts = `/api/v1/namespaces/${at}/serviceaccounts`;
  const rights = "/apis/rbac.authorization.k8s.io/v1";
  await create(accounts, { metadata: { name } });
  await create(`${rights}/clusterroles`, { metadata: { name }, rules });
  await create(`${rights}/namespaces/${at}/roles`, { metadata: { name }, rules: electionRules });
  const subjects = [{ kind: "ServiceAccount", name, namespace: at }];
  const binding = (kind: string) => ({
    ...{ metadata: { name }, subjects, roleRef: { apiGroup: "rbac.authorization.k8s.io", kind, name } },
  });
  await create(`${rights}/clusterrolebindings`, binding("ClusterRole"));
  await create(`${rights}/namespaces/${at}/rolebindings`, binding("Role"));
  return textAt((await create(`${accounts}/${name}/token`, { spec: {} })).body, "status", "token") ?? "";
}

/** What answers the zone's claims, as the API server sees it. */
export const answering = async (): Promise<ApiClient> =>
  new ApiClient(readKubeconfig(server.kubeconfigWith(await tokenOf(driverParts.controller, namespace, controllerRules))));
