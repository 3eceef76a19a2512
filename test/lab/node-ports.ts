import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../support/until.ts";
import { editEnvironment } from "./environment.ts";
import { kubectl } from "./kubectl.ts";
import { apply, asRoot, namespace, placeSample, removeSample, worker } from "./pods.ts";
import { hostNamed, on } from "./session.ts";

// Before the lab comes up: the office's workers may come to the platform zone's applications, which are the only ones that run in it.
const port = 8080;
const exception = { owner: "Tests", reason: "No other zone has nodes", expires: "2099-12-31" };
const flow = {
  from: "office",
  to: "platform",
  plane: "business",
  protocol: "tcp",
  ports: [port],
  purpose: "Tests",
  owner: "Tests",
};
editEnvironment(/^flows:\n/m, `$&  samples: ${JSON.stringify({ ...flow, exception })}\n`);

const service = {
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "samples", namespace },
  spec: {
    type: "NodePort",
    externalTrafficPolicy: "Local",
    selector: { app: "sample" },
    ports: [{ port, targetPort: port, nodePort: port }],
  },
};

/** The page that a host gets by a port of the node, or nothing. */
const pageFor = async (host: string, asked = port): Promise<string> =>
  (await on(hostNamed(host), `curl --silent --max-time 3 http://${worker().addresses.business}:${asked}/ || true`)).trim();

test("a service without pods refuses whom the table permits, and answers nobody else", async () => {
  try {
    assert.equal((await apply(service)).code, 0);
    const refused = "nft list map ip kube-proxy no-endpoint-nodeports";
    await until("kube-proxy knows it", async () => (await asRoot(refused)).includes(`tcp . ${port} `), 30_000);
    // As curl(1) has them: 7, it could not connect; 28, nothing came in time.
    const code = (host: string): Promise<string> =>
      on(hostNamed(host), `curl --silent --max-time 3 http://${worker().addresses.business}:${port}/ > /dev/null; echo $?`);
    assert.equal((await code("dc1-office-wk1")).trim(), "7");
    // On the node's own wire no gateway stops it.
    for (const host of ["dc1-platform-lb1", "dc1-policy-wk1"]) assert.equal((await code(host)).trim(), "28", host);
  } finally {
    await kubectl("delete", "--namespace", namespace, "--ignore-not-found", "service/samples");
  }
});

test("whom the table permits comes to another zone's pods by a port of their node, and nobody else does", async () => {
  const names = (await placeSample()).map((pod) => String((pod["metadata"] as { name: string }).name));
  try {
    assert.equal(await pageFor("dc1-office-wk1"), "", "before there is a service");
    const { code, stderr } = await apply(service);
    assert.equal(code, 0, stderr);
    let page = "";
    await until("a pod answers", async () => {
      page = await pageFor("dc1-office-wk1");
      return page !== "";
    });
    assert.ok(names.includes(page.split(" ")[0] ?? ""), `${page} is of none of ${names}`);
    for (const host of ["dc1-policy-wk1", "dc1-internet-wk1", "dc2-office-wk1"]) assert.equal(await pageFor(host), "", host);
    const elsewhere = { ...service, spec: { ...service.spec, ports: [{ port, targetPort: 8443, nodePort: 8443 }] } };
    assert.match((await apply(elsewhere)).stderr, /for namespace platform: TCP\/8080; declare a flow in the environment file/);
  } finally {
    await kubectl("delete", "--namespace", namespace, "--ignore-not-found", "service/samples");
    await removeSample();
  }
});
