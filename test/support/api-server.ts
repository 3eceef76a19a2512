import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureKubernetesBinaries } from "../../scripts/toolchain/kubernetes-binaries.ts";
import { ApiClient } from "../../scripts/toolchain/plugins/kubernetes/client.ts";
import { readKubeconfig } from "../../scripts/toolchain/plugins/kubernetes/kubeconfig.ts";
import { textAt } from "../../scripts/toolchain/plugins/kubernetes/manifest.ts";
import type { Values } from "../../scripts/toolchain/plugins/provider/values.ts";
import { testAuthority } from "./certificates.ts";
import { spawnOwned } from "./interrupted.ts";
import { freePort } from "./sshd.ts";
import { until } from "./until.ts";

/** A real kube-apiserver on kine and SQLite, on loopback, with certificates of its own. No controllers run: tests play their part. */
export interface ApiServer {
  readonly kubeconfig: string;
  /** Of who logs in by a token. */
  kubeconfigWith(token: string): string;
  /** As the tests use it, beside the plugin. */
  readonly client: ApiClient;
  readonly log: string;
  /** Plays a controller: sets the status of the object at a path, once it is there. */
  setStatus(path: string, status: Values): Promise<void>;
  /** Plays the garbage collector: lets the object at a path go, once its deletion was asked for. */
  collect(path: string): Promise<void>;
  stop(): Promise<void>;
}

/** `own`: flags of the test's own. */
export async function startApiServer(own: readonly string[] = []): Promise<ApiServer> {
  const paths = await ensureKubernetesBinaries(["kine", "kube-apiserver"], () => {});
  const directory = mkdtempSync(join(tmpdir(), "tandem-api-"));
  const file = (name: string) => join(directory, name);
  const log = file("log");
  const children: ChildProcess[] = [];
  const start = (path: string, args: string[]) => {
    const output = openSync(log, "a");
    const child = spawnOwned(path, args, { stdio: ["ignore", output, output], cwd: directory });
    children.unshift(child);
    return child;
  };
  const stop = async () => {
    for (const child of children) await end(child);
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    makeCertificates(directory);
    const [etcdPort, port] = [await freePort(), await freePort()];
    const etcd = `http://127.0.0.1:${etcdPort}`;
    start(paths.kine, [
      "--endpoint",
      `sqlite://${file("state.db")}?_pragma=journal_mode(WAL)&_pragma=busy_timeout(30000)&_pragma=synchronous(0)&_txlock=immediate`,
      `--listen-address=${etcd.replace("http", "tcp")}`,
      "--metrics-bind-address=0",
    ]);
    const server = start(paths["kube-apiserver"], [
      `--etcd-servers=${etcd}`,
      "--bind-address=127.0.0.1",
      "--advertise-address=127.0.0.1",
      `--secure-port=${port}`,
      `--tls-cert-file=${file("server.crt")}`,
      `--tls-private-key-file=${file("server.key")}`,
      `--client-ca-file=${file("ca.crt")}`,
      "--authorization-mode=RBAC",
      "--service-account-issuer=https://kubernetes.default.svc",
      `--service-account-key-file=${file("server.crt")}`,
      `--service-account-signing-key-file=${file("server.key")}`,
      "--service-cluster-ip-range=10.96.0.0/16",
      "--endpoint-reconciler-type=none",
      // No controller-manager runs that would give each namespace its account.
      "--disable-admission-plugins=ServiceAccount",
      ...own,
    ]);
    const kubeconfig = kubeconfigOf(directory, port, administrator(directory));
    const client = new ApiClient(readKubeconfig(kubeconfig));
    const signal = new AbortController().signal;
    await until(
      "the API server is ready",
      async () => {
        if (server.exitCode !== null) throw new Error(`kube-apiserver ended:\n${readFileSync(log, "utf8").slice(-4000)}`);
        return client.call("/readyz", { signal, retries: 0 }).then(
          () => true,
          () => false,
        );
      },
      60_000,
    );
    await until("the namespace default is there", () =>
      client.get("/api/v1/namespaces/default", signal).then(
        () => true,
        () => false,
      ),
    );
    const kubeconfigWith = (token: string): string => kubeconfigOf(directory, port, { token });
    return { kubeconfig, kubeconfigWith, client, log, stop, ...controllers(client) };
  } catch (error) {
    await stop();
    throw error;
  }
}

function controllers(client: ApiClient): Pick<ApiServer, "setStatus" | "collect"> {
  const signal = new AbortController().signal;
  const merge = (path: string, body: Values) =>
    client.call(path, { method: "PATCH", body, contentType: "application/merge-patch+json", signal });
  const look = (path: string) => client.get(path, signal).catch(() => undefined);
  return {
    setStatus: async (path, status) => {
      await until(`${path} is there`, async () => (await look(path)) !== undefined, 30_000);
      await merge(`${path}/status`, { status });
    },
    collect: async (path) => {
      const going = async () => textAt(await look(path), "metadata", "deletionTimestamp") !== undefined;
      await until(`${path} is to be deleted`, going, 30_000);
      await merge(path, { metadata: { finalizers: null } });
    },
  };
}

function makeCertificates(directory: string): void {
  const signed = testAuthority(directory);
  signed("server", "/CN=kube-apiserver", "subjectAltName=IP:127.0.0.1,DNS:localhost\nextendedKeyUsage=serverAuth");
  signed("admin", "/O=system:masters/CN=admin", "extendedKeyUsage=clientAuth");
}

const base64Of = (directory: string, name: string): string => readFileSync(join(directory, name)).toString("base64");

const administrator = (directory: string): Values => ({
  "client-certificate-data": base64Of(directory, "admin.crt"),
  "client-key-data": base64Of(directory, "admin.key"),
});

function kubeconfigOf(directory: string, port: number, user: Values): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": "test",
    contexts: [{ name: "test", context: { cluster: "test", user: "admin" } }],
    clusters: [
      {
        name: "test",
        cluster: { server: `https://127.0.0.1:${port}`, "certificate-authority-data": base64Of(directory, "ca.crt") },
      },
    ],
    users: [{ name: "admin", user }],
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}
