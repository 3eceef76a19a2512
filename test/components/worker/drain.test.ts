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

test("an up that asks for a zone's nodes while the API has no server waits for one", async () => {
  const directory = mkdtempSync(join(tmpdir(), "tandem-drain-"));
  const sign = testAuthority(directory);
  sign("api", "/CN=api", "subjectAltName=IP:127.0.0.1");
  const pem = (file: string): string => readFileSync(join(directory, file), "utf8");
  const asked: string[] = [];
  const server = createServer({ cert: pem("api.crt"), key: pem("api.key") }, ({ url }, response) => {
    asked.push(url ?? "");
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
    assert.equal(connections, 3);
    assert.deepEqual(asked, ["/api/v1/nodes?labelSelector=node-restriction.kubernetes.io/zone%3Dpolicy"]);
  } finally {
    server.close();
    rmSync(directory, { recursive: true, force: true });
  }
});
