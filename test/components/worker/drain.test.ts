import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { emptyLeaving } from "../../../components/worker/drain.ts";
import { testAuthority } from "../../support/certificates.ts";

test("an up that asks for a zone's nodes waits while the API has no server, and while a server has no datastore", async () => {
  const directory = mkdtempSync(join(tmpdir(), "tandem-drain-"));
  const sign = testAuthority(directory);
  sign("api", "/CN=api", "subjectAltName=IP:127.0.0.1");
  const pem = (file: string): string => readFileSync(join(directory, file), "utf8");
  const asked: string[] = [];
  const server = createServer({ cert: pem("api.crt"), key: pem("api.key") }, ({ url }, response) => {
    asked.push(url ?? "");
    if (asked.length === 1) response.statusCode = 500;
    response.end(JSON.stringify({ items: [] }));
  });
  let connections = 0;
  // As a balancer without a server: taken, and closed before TLS.
  server.on("connection", (socket) => {
    if (++connections <= 2) socket.destroy();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    const address = { name: "api", address: "127.0.0.1", port: (server.address() as AddressInfo).port };
    await emptyLeaving({ server: address, caller: { authorities: pem("ca.crt") } }, "policy", []);
    assert.equal(connections, 4);
    const question = "/api/v1/nodes?labelSelector=node-restriction.kubernetes.io/zone%3Dpolicy";
    assert.deepEqual(asked, [question, question]);
  } finally {
    server.close();
    rmSync(directory, { recursive: true, force: true });
  }
});
