import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { test } from "node:test";
import { execa } from "execa";
import type { Host } from "../../../../environments/model/topology.ts";
import { readProber, renderProber } from "../../../../scripts/flows/verify/prober.render.ts";
import { crossingProbes } from "../../../../scripts/flows/verify/verify.ts";
import { type Probe, probePorts } from "../../../../scripts/lab/isolation/probes.ts";
import { noWayOut } from "../../../support/no-way-out.ts";
import { ownLoopback } from "../../../support/own-loopback.ts";
import { ground } from "../../lab/isolation/field.ts";

const probe = (protocol: "tcp" | "udp", port: number, source = ownLoopback, address = ownLoopback): Probe => ({
  ...{ kind: "flow", from: {} as Host, to: { label: "x", address }, plane: "business", expected: "stops" },
  ...{ protocol, port, source, sourcePort: probePorts.first },
});

test("a host with perl alone sends connections and datagrams by the probes' own ports; an answer and a refusal are told, and what never left", async (t) => {
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
  // Nobody listens there any more.
  const closed = createServer();
  closed.listen(0, ownLoopback);
  await once(closed, "listening");
  const { port: refused } = closed.address() as AddressInfo;
  closed.close();
  await once(closed, "close");
  const probes = [
    probe("tcp", port),
    probe("tcp", refused),
    probe("udp", datagrams.address().port),
    probe("tcp", port, "192.0.2.1"),
  ];
  const input = renderProber(
    probes.map((one, id) => ({ id, probe: one })),
    { patienceSeconds: 1, atOnce: 10 },
  );
  const { stdout } = await execa("perl", ["-"], { input });
  const said = readProber(stdout);
  assert.deepEqual(said.answered.toSorted(), [0, 1]);
  assert.deepEqual([...said.failed.keys()], [3]);
  assert.match(said.failed.get(3) ?? "", /Cannot assign requested address/);
  assert.equal(said.sent, 4);
  const [, sender] = await received;
  assert.equal(sender.port, probePorts.first);
});

test("what never left because the host has no way out is told, of connections and of datagrams", async (t) => {
  const [command, ...words] = noWayOut() ?? [];
  if (command === undefined) return t.skip("this machine lets nobody have a network of his own");
  const probes = (["tcp", "udp"] as const).map((protocol, id) => ({ id, probe: probe(protocol, 9, "0.0.0.0", "192.0.2.1") }));
  const input = renderProber(probes, { patienceSeconds: 1, atOnce: 10 });
  const { stdout } = await execa(command, [...words, "perl", "-"], { input });
  const { answered, failed, sent } = readProber(stdout);
  assert.deepEqual(
    [...failed],
    [0, 1].map((id) => [id, "Network is unreachable"]),
  );
  assert.deepEqual([answered, sent], [[], 2]);
});

test("gateways are asked by what crosses zones alone: every row that does, and strangers to every address", () => {
  const probes = crossingProbes(ground, false, 3);
  assert.ok(probes.every(({ from, to }) => from.role !== "gateway" && (from.site !== to.site || from.zone !== to.zone)));
  assert.ok(probes.some(({ expected }) => expected === "passes"));
  const tried = new Set(probes.filter(({ expected }) => expected === "stops").map(({ to }) => to.address));
  const addresses = Object.values(ground.targets).flatMap((places) => places.map(({ address }) => address));
  assert.ok(addresses.every((address) => tried.has(address)));
  assert.deepEqual(crossingProbes(ground, false, 3), probes);
});
