import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { keepingNodePorts, nodePortsAnnotation } from "../../../components/cluster/node-ports.render.ts";
import { nodePorts } from "../../../environments/model/ports.ts";
import { textAt } from "../../../scripts/toolchain/plugins/kubernetes/manifest.ts";
import type { Values } from "../../../scripts/toolchain/plugins/provider/values.ts";
import { type ApiServer, startApiServer } from "../../support/api-server.ts";
import { until } from "../../support/until.ts";

// The real API server on what it is told of ports of nodes.

let server: ApiServer;
const signal = new AbortController().signal;

before(async () => {
  server = await startApiServer([`--service-node-port-range=${nodePorts.first}-${nodePorts.last}`]);
  const policy = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies";
  const [kind, name] = ["ValidatingAdmissionPolicy", "node-ports"];
  const apiVersion = "admissionregistration.k8s.io/v1";
  await create(policy, { apiVersion, kind, metadata: { name }, spec: keepingNodePorts });
  const spec = { policyName: name, validationActions: ["Deny"] };
  await create(`${policy.replace(/ies$/, "ybindings")}`, { apiVersion, kind: `${kind}Binding`, metadata: { name }, spec });
  for (const [namespace, ports] of Object.entries({ policy: "TCP/8443,UDP/5000", office: undefined }))
    await create("/api/v1/namespaces", {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: namespace, ...(ports && { annotations: { [nodePortsAnnotation]: ports } }) },
    });
  await until("the server keeps to the policy", async () => (await said("default", service(8443))) !== "made");
});
after(() => server?.stop());

type Port = Readonly<Record<string, unknown>>;
const create = (path: string, body: object) => server.client.call(path, { method: "POST", body: body as Values, signal });
const port = (nodePort: number, more: Port = {}): Port => ({
  protocol: "TCP",
  port: 443,
  targetPort: nodePort,
  nodePort,
  ...more,
});
const service = (nodePort: number, spec: object = {}) => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { generateName: "test-" },
  spec: { type: "NodePort", externalTrafficPolicy: "Local", selector: { app: "x" }, ports: [port(nodePort)], ...spec },
});
/** What came of a service, which is not there afterwards. */
async function said(namespace: string, body: object): Promise<string> {
  const path = `/api/v1/namespaces/${namespace}/services`;
  try {
    const name = textAt((await create(path, body)).body, "metadata", "name");
    await server.client.call(`${path}/${name}`, { method: "DELETE", signal });
    return "made";
  } catch (error) {
    return (error as Error).message;
  }
}

test("a service takes a port of the nodes that the table of flows has for its namespace, and within the cluster whatever it likes", async () => {
  assert.equal(await said("policy", service(8443)), "made");
  const both = [port(8443), port(5000, { protocol: "UDP", name: "second" })].map((one, index) => ({ name: `p${index}`, ...one }));
  assert.equal(await said("policy", service(8443, { ports: both })), "made");
  for (const namespace of ["policy", "office", "default"])
    assert.equal(
      await said(namespace, { ...service(0), spec: { selector: { app: "x" }, ports: [{ port: 80, targetPort: "named" }] } }),
      "made",
    );
});

test("what the table of flows does not have, and what hides who comes, is refused with what to do", async () => {
  const none = /a nodePort must be given, .* for namespace office: it has none; declare a flow in the environment file/;
  const one = /a nodePort must be given, .* for namespace policy: TCP\/8443, UDP\/5000; declare a flow in the environment file/;
  const target = /targetPort must be the number of nodePort, on which the pods listen/;
  assert.match(await said("office", service(8443)), none);
  assert.match(await said("policy", service(8444)), one);
  assert.match(await said("policy", service(5000)), one);
  const { nodePort: _, ...unnamed } = port(8443);
  assert.match(await said("policy", service(8443, { ports: [unnamed] })), one);
  assert.match(await said("policy", service(8443, { ports: [port(8443, { targetPort: 8080 })] })), target);
  assert.match(await said("policy", service(8443, { ports: [port(8443, { targetPort: "web" })] })), target);
  assert.match(await said("policy", service(8443, { externalTrafficPolicy: "Cluster" })), /externalTrafficPolicy: must be Local/);
  assert.match(await said("policy", service(8443, { type: "LoadBalancer" })), /nothing here makes balancers; take NodePort/);
});
