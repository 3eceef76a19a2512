import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { execa } from "execa";
import type { ProberLine, ProberSettings, ToSend } from "../../../../scripts/lab/isolation/prober.ts";
import { probePorts } from "../../../../scripts/lab/isolation/probes.ts";
import { noWayOut } from "../../../support/no-way-out.ts";
import { ownLoopback } from "../../../support/own-loopback.ts";

const directory = mkdtempSync(join(tmpdir(), "tandem-prober-"));
after(() => rmSync(directory, { recursive: true, force: true }));
const program = join(import.meta.dirname, "../../../../scripts/lab/isolation/prober.ts");

async function sent(send: readonly ToSend[], before: readonly string[] = []): Promise<ProberLine[]> {
  const settings: ProberSettings = { send, patienceMs: 500, atOnce: 10 };
  const file = join(directory, "settings.json");
  writeFileSync(file, JSON.stringify(settings));
  const [command = "", ...words] = [...before, process.execPath, program, file];
  const { stdout } = await execa(command, words);
  return stdout.split("\n").map((line) => JSON.parse(line) as ProberLine);
}

const to = (id: number, protocol: "tcp" | "udp", source: string, address: string, port: number): ToSend => ({
  ...{ id, protocol, source, address, port, sourcePort: probePorts.first },
});

test("an answer and a refusal are told, and what never left because the host has no such address", async (t) => {
  const server = createServer((socket) => socket.on("error", () => {}));
  server.listen(0, ownLoopback);
  const datagrams = createSocket("udp4");
  datagrams.bind(0, ownLoopback);
  await Promise.all([once(server, "listening"), once(datagrams, "listening")]);
  t.after(() => {
    server.close();
    datagrams.close();
  });
  const received = once(datagrams, "message");
  const { port } = server.address() as AddressInfo;
  const lines = await sent([
    to(0, "tcp", ownLoopback, ownLoopback, port),
    // Nobody listens there.
    to(1, "tcp", ownLoopback, ownLoopback, 1),
    to(2, "udp", ownLoopback, ownLoopback, datagrams.address().port),
    to(3, "tcp", "192.0.2.1", ownLoopback, port),
  ]);
  assert.deepEqual(
    lines.toSorted((one, other) => JSON.stringify(one).localeCompare(JSON.stringify(other))),
    [{ id: 0, answered: true }, { id: 1, answered: true }, { id: 3, failed: "EADDRNOTAVAIL" }, { sent: 4 }],
  );
  const [, sender] = await received;
  assert.equal(sender.port, probePorts.first);
});

test("what never left because the host has no way out is told, of connections and of datagrams", async (t) => {
  const before = noWayOut();
  if (!before) return t.skip("this machine lets nobody have a network of his own");
  const lines = await sent(
    (["tcp", "udp"] as const).map((protocol, id) => to(id, protocol, "0.0.0.0", "192.0.2.1", 9)),
    before,
  );
  assert.deepEqual(
    lines.toSorted((one, other) => JSON.stringify(one).localeCompare(JSON.stringify(other))),
    [{ id: 0, failed: "ENETUNREACH" }, { id: 1, failed: "ENETUNREACH" }, { sent: 2 }],
  );
});
