import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { ApiClient, ApiError } from "../../../../../scripts/toolchain/plugins/kubernetes/client.ts";

const signal = new AbortController().signal;

/** A client of a server that gives these answers one after the other, the last one again and again. */
async function clientOf(context: TestContext, ...answers: readonly (readonly [code: number, body: object])[]) {
  let asked = 0;
  const server = createServer((_, response) => {
    const [code, body] = answers[Math.min(asked, answers.length - 1)] ?? [500, {}];
    asked += 1;
    response.writeHead(code, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const client = new ApiClient({ cluster: "test", server: url, tls: {}, headers: async () => ({}) } as ApiClient["connection"]);
  return { client, times: () => asked };
}

const fromDatastore = { kind: "Status", code: 500, message: "rpc error: code = Unknown desc = invalid connection" };

test("a write that the datastore's connections failed is tried again", async (context) => {
  const { client, times } = await clientOf(context, [500, fromDatastore], [201, { kind: "ConfigMap" }]);
  const { body } = await client.call("/api", { method: "PATCH", body: {}, signal });
  assert.equal(body["kind"], "ConfigMap");
  assert.equal(times(), 2);
});

test("what goes on failing is given up, with the server's words", async (context) => {
  const { client, times } = await clientOf(context, [500, fromDatastore]);
  await assert.rejects(client.call("/api", { signal, retries: 1 }), /invalid connection/);
  assert.equal(times(), 2);
});

test("what the API itself refuses is not tried again", async (context) => {
  const refusal = { kind: "Status", code: 500, reason: "InternalError", message: "failed calling webhook" };
  const { client, times } = await clientOf(context, [500, refusal]);
  await assert.rejects(client.call("/api", { signal }), ApiError);
  assert.equal(times(), 1);
});
