import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, test } from "node:test";
import { connect, type SecureVersion } from "node:tls";
import { allReady, ask, readClusterUid, unreadyFirst } from "../../../components/control-plane/api-health.ts";
import {
  type ApiCall,
  type ApiCreate,
  at,
  callerOf,
  restrictedContainer as container,
  type Json,
} from "../../support/api-call.ts";
import { startControlPlane, type TestControlPlane } from "../../support/control-plane.ts";
import { startKubelet } from "../../support/kubelet.ts";
import { until } from "../../support/until.ts";

let plane: TestControlPlane;
let api: ApiCall;
let create: ApiCreate;

const rbac = "/apis/rbac.authorization.k8s.io/v1";
const pathOfKind: Readonly<Record<string, string>> = {
  APIService: "/apis/apiregistration.k8s.io/v1/apiservices",
  ClusterRole: `${rbac}/clusterroles`,
  ClusterRoleBinding: `${rbac}/clusterrolebindings`,
  Service: "/api/v1/namespaces/kube-system/services",
};

before(async () => {
  plane = await startControlPlane();
  ({ api, create } = callerOf(plane));
  for (const object of plane.objects) await create(pathOfKind[String(object["kind"])] ?? "", object);
});
after(() => plane?.stop());

const server = () => ({ name: "cp1", address: "127.0.0.1", port: plane.ports.api });

const pod = (name: string, ...containers: Json[]): Json => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name },
  spec: { containers },
});
const pods = "/api/v1/namespaces/default/pods?dryRun=All";

test("keys and passwords are secret in the state, and nothing that a reviewer should read is", () => {
  const files = plane.declared.filter(({ type, inputs }) => type === "command:remote:Command" && inputs["stdin"] !== undefined);
  assert.equal(files.length, 23);
  for (const { name, inputs, secrets } of files)
    assert.equal(secrets.includes("stdin"), /PRIVATE KEY|secretbox/.test(String(inputs["stdin"])), name);
  for (const { name, secrets } of plane.declared.filter(({ type }) => type.startsWith("docker:")))
    assert.deepEqual(secrets, [], name);
});

test("it is ready, and only an API server that the platform's authority vouches for counts", async () => {
  await allReady([server()], { authorities: plane.authorities }, 5);
  const stranger = plane.file("kubernetes-authorities.pem");
  await assert.rejects(allReady([server()], { authorities: stranger }, 1), /cp1: .*certificate/i);
});

test("a change begins with the servers that are not ready, and leaves those that are for last", async () => {
  const silent = (name: string) => ({ name, address: "127.0.0.1", port: 1 });
  const order = await unreadyFirst([server(), silent("cp2"), silent("cp3")], { authorities: plane.authorities });
  assert.deepEqual(
    order.map(({ name }) => name),
    ["cp2", "cp3", server().name],
  );
});

test("nobody in particular may read its health and nothing else", async () => {
  for (const path of ["/healthz", "/livez", "/readyz"]) assert.equal((await api(path, { as: "nobody" })).status, 200, path);
  for (const path of ["/version", "/api", "/readyz/etcd", "/metrics", "/api/v1/secrets", "/.well-known/openid-configuration"])
    assert.equal((await api(path, { as: "nobody" })).status, 401, path);
});

test("its UID is that of the namespace kube-system, and only a user who may read it is told", async () => {
  const namespace = await api("/api/v1/namespaces/kube-system");
  const caller = { authorities: plane.authorities, user: plane.administrator };
  assert.equal(await readClusterUid([server()], caller, 5), at(namespace.body, "metadata", "uid"));
  await assert.rejects(readClusterUid([server()], { authorities: plane.authorities }, 1), /cp1: answers 401/);
});

test("a secret is unreadable in the database, and no audit line holds it", async () => {
  const value = "known-to-this-test-alone";
  const encoded = Buffer.from(value).toString("base64");
  const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "planted" }, stringData: { key: value } };
  const map = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "planted" }, data: { key: value } };
  await create("/api/v1/namespaces/default/secrets", secret);
  await create("/api/v1/namespaces/default/configmaps", map);
  assert.equal(at((await api("/api/v1/namespaces/default/secrets/planted")).body, "data", "key"), encoded);
  const stored = (kind: string): string => {
    const row = new DatabaseSync(plane.database, { readOnly: true })
      .prepare("SELECT value FROM kine WHERE name = ?")
      .get(`/registry/${kind}/default/planted`);
    return Buffer.from(row?.["value"] as Uint8Array).toString("latin1");
  };
  assert.match(stored("secrets"), /^k8s:enc:secretbox:v1:key1:/);
  assert.ok(!stored("secrets").includes(value));
  assert.ok(stored("configmaps").includes(value), "the search of the database finds what is not encrypted");
  await until("both are in the audit log", () => /"configmaps"[^\n]*"planted"/.test(readFileSync(plane.auditLog, "utf8")));
  const audited = readFileSync(plane.auditLog, "utf8");
  assert.match(audited, /"verb":"create"[^\n]*"resource":"secrets"[^\n]*"name":"planted"/);
  assert.ok(!audited.includes(value) && !audited.includes(encoded));
});

test("the audit log has the body of what decides about rights", async () => {
  const role = { apiVersion: "rbac.authorization.k8s.io/v1", kind: "Role", metadata: { name: "audited" }, rules: [] };
  await create("/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles", role);
  await until("the role is in the audit log", () =>
    /"resource":"roles"[^\n]*"requestObject":/.test(readFileSync(plane.auditLog, "utf8")),
  );
});

test("a pod keeps to the restricted standard in a namespace that says nothing, and waits for a node that is not heard of", async () => {
  await until("the default service account is there", async () => {
    return (await api("/api/v1/namespaces/default/serviceaccounts/default")).status === 200;
  });
  const allowed = await create(pods, pod("restricted", container));
  const seconds = (at(allowed.body, "spec", "tolerations") as readonly Json[]).map(
    (toleration) => toleration["tolerationSeconds"],
  );
  const { podTolerationSeconds } = plane.timings;
  assert.deepEqual(seconds, [podTolerationSeconds, podTolerationSeconds]);
  const { name, image } = container;
  const refused = await api(pods, { method: "POST", body: pod("loose", { name, image, securityContext: { runAsUser: 0 } }) });
  assert.equal(refused.status, 403);
  assert.match(refused.text, /violates PodSecurity \\"restricted:latest\\"/);
});

test("both controllers hold their leases, and a deployment gets its replica set and its pod", async () => {
  for (const lease of ["kube-controller-manager", "kube-scheduler"])
    await until(`${lease} holds its lease`, async () => {
      const { body } = await api(`/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/${lease}`);
      return at(body, "spec", "holderIdentity") !== undefined;
    });
  const labels = { app: "web" };
  await create("/apis/apps/v1/namespaces/default/deployments", {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web" },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [container] } },
    },
  });
  await until("the deployment has a pod that the scheduler looked at", async () => {
    const { body } = await api("/api/v1/namespaces/default/pods?labelSelector=app%3Dweb");
    return at(body, "items", 0, "status", "conditions", 0, "reason") === "Unschedulable";
  });
});

test("a new node's request, made with a bootstrap token, is approved and signed by the cluster's authority, and by nobody else's rights", async () => {
  const [id, secret] = ["abcdef", "0123456789abcdef"];
  await create("/api/v1/namespaces/kube-system/secrets", {
    apiVersion: "v1",
    kind: "Secret",
    type: "bootstrap.kubernetes.io/token",
    metadata: { name: `bootstrap-token-${id}` },
    stringData: { "token-id": id, "token-secret": secret, "usage-bootstrap-authentication": "true" },
  });
  const as = { token: `${id}.${secret}` };
  assert.equal((await api("/api/v1/nodes", { as })).status, 403);
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "/dev/null"];
  const csr = execFileSync("openssl", ["req", "-new", ...key, "-subj", "/O=system:nodes/CN=system:node:wk1"], { stdio: "pipe" });
  const requests = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
  const spec = {
    request: csr.toString("base64"),
    signerName: "kubernetes.io/kube-apiserver-client-kubelet",
    usages: ["client auth", "digital signature"],
  };
  const body = { apiVersion: "certificates.k8s.io/v1", kind: "CertificateSigningRequest", metadata: { name: "wk1" }, spec };
  const asked = await api(requests, { method: "POST", as, body });
  assert.equal(asked.status, 201, asked.text);
  let certificate: unknown;
  await until("the node has its certificate", async () => {
    certificate = at((await api(`${requests}/wk1`)).body, "status", "certificate");
    return certificate !== undefined;
  });
  const signed = new X509Certificate(Buffer.from(String(certificate), "base64"));
  assert.match(signed.subject, /CN=system:node:wk1/);
  const authority = join(plane.directory, "authority.pem");
  writeFileSync(authority, plane.file("kubernetes-authorities.pem"));
  assert.ok(signed.verify(new X509Certificate(readFileSync(authority)).publicKey));
});

test("what a node uses is asked of its kubelet, which knows who asks and is known itself, and served by the API server", async () => {
  const node = "dc1-platform-wk1";
  const kubelet = await startKubelet(plane, node);
  try {
    await create("/api/v1/nodes", { apiVersion: "v1", kind: "Node", metadata: { name: node } });
    const status = {
      addresses: [{ type: "InternalIP", address: "127.0.0.1" }],
      conditions: [{ type: "Ready", status: "True" }],
      daemonEndpoints: { kubeletEndpoint: { Port: kubelet.port } },
    };
    const told = await api(`/api/v1/nodes/${node}/status`, { method: "PATCH", body: { status } });
    assert.equal(told.status, 200, told.text);
    await until(
      "the API is available",
      async () => {
        const { body } = await api("/apis/apiregistration.k8s.io/v1/apiservices/v1beta1.metrics.k8s.io");
        return at(body, "status", "conditions", 0, "status") === "True";
      },
      60_000,
    );
    let usage: unknown;
    await until(
      "two looks at the kubelet have told what the node uses",
      async () => {
        const { body } = await api(`/apis/metrics.k8s.io/v1beta1/nodes/${node}`);
        usage = at(body, "usage");
        return usage !== undefined;
      },
      60_000,
    );
    assert.equal(at(usage, "memory"), "64Mi");
    assert.match(String(at(usage, "cpu")), /^(500m|(499|500)\d{6}n)$/);
    assert.deepEqual([...kubelet.askedBy], ["tandem:metrics-server"]);
    const direct = { ...server(), port: plane.ports.metrics };
    const nobody = await ask(direct, "/apis/metrics.k8s.io/v1beta1/nodes", { authorities: plane.authorities });
    assert.equal(nobody.status, 403, "by itself it answers whom the API server would");
  } finally {
    kubelet.stop();
  }
});

const handshake = (port: number, version: SecureVersion): Promise<string> =>
  new Promise((resolve) => {
    const [minVersion, ciphers] = [version, "ALL:@SECLEVEL=0"];
    const [cert, key] = [plane.file("kine-client.pem"), plane.file("kine-client.pem")];
    const trust = { rejectUnauthorized: false, cert, key };
    const socket = connect({ host: "127.0.0.1", port, minVersion, maxVersion: version, ciphers, ...trust });
    socket.on("secureConnect", () => {
      socket.end();
      resolve(socket.getCipher().name);
    });
    socket.on("error", (error) => resolve(error.message));
  });

test("no server of it speaks TLS 1.1, and TLS 1.2 only with forward secrecy", async () => {
  for (const name of ["api", "controllerManager", "scheduler", "metrics", "kine"] as const) {
    assert.match(await handshake(plane.ports[name], "TLSv1.1"), /alert|version|disconnected/i, name);
    assert.match(await handshake(plane.ports[name], "TLSv1.2"), /^ECDHE-/, name);
  }
});

test("kine answers nobody without a certificate of the platform", async () => {
  const connection = (pem?: string): Promise<string> =>
    new Promise((resolve) => {
      const socket = connect({
        host: "127.0.0.1",
        port: plane.ports.kine,
        ca: plane.authorities,
        ALPNProtocols: ["h2"],
        ...(pem !== undefined && { cert: pem, key: pem }),
      });
      socket.on("data", () => {
        socket.end();
        resolve("answers");
      });
      socket.on("error", (error) => resolve(error.message));
      socket.on("close", () => resolve("closed"));
    });
  assert.equal(await connection(plane.file("kine-client.pem")), "answers");
  assert.match(await connection(), /certificate required/);
  assert.match(await connection(plane.file("kube-scheduler.pem")), /certificate|unknown ca|alert/i);
});
