import { createSocket } from "node:dgram";
import { once } from "node:events";
import { connect } from "node:net";
import pLimit from "p-limit";
import { hasEnded, say, settingsOf } from "../program.ts";

// Runs in the network of one host: sends what it is told, and says which connections were answered.

export interface ToSend {
  readonly id: number;
  readonly protocol: "tcp" | "udp";
  /** Absent for IPv6. */
  readonly source?: string;
  readonly sourcePort: number;
  readonly address: string;
  readonly port: number;
}

export interface ProberSettings {
  readonly send: readonly ToSend[];
  /** Milliseconds without an answer after which nobody will. */
  readonly patienceMs: number;
  readonly atOnce: number;
}

/** `answered`: by a connection or by a refusal, which only a packet that arrived gets. `failed`: it was never sent. */
export type ProberLine =
  | { readonly id: number; readonly answered: true }
  | { readonly id: number; readonly failed: string }
  | { readonly sent: number };

/** What the network answers. That the host itself has no way out or forbids a packet (EPERM) is no answer: who rules the host lifts that. */
const silences = ["ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH", "EHOSTDOWN"];

const tryTcp = ({ id, source, sourcePort, address, port }: ToSend, patienceMs: number): Promise<ProberLine | undefined> =>
  new Promise((resolve) => {
    const socket = connect({ host: address, port, ...(source !== undefined && { localAddress: source }), localPort: sourcePort });
    let line: ProberLine | undefined;
    // A host without a way out says so in the call itself, and then there is nothing under way after it.
    let hasLeft = false;
    process.nextTick(() => {
      hasLeft = socket.connecting;
    });
    socket.setTimeout(patienceMs, () => socket.destroy());
    socket.once("connect", () => {
      line = { id, answered: true };
      // No TIME_WAIT: the same connection may be tried again at once.
      socket.resetAndDestroy();
    });
    socket.once("error", ({ code = "unknown" }: NodeJS.ErrnoException) => {
      if (code === "ECONNREFUSED" || code === "ECONNRESET") line = { id, answered: true };
      else if (!hasLeft || !silences.includes(code)) line = { id, failed: code };
    });
    socket.once("close", () => resolve(line));
  });

/** One socket for all that leaves by one address and port. */
async function sendUdp(all: readonly ToSend[], patienceMs: number): Promise<void> {
  for (const [, some] of Map.groupBy(all, ({ source, sourcePort }) => `${source} ${sourcePort}`)) {
    const [{ source, sourcePort }] = some as [ToSend];
    const socket = createSocket(source === undefined ? "udp6" : "udp4");
    socket.on("error", () => {});
    socket.bind(sourcePort, source);
    await once(socket, "listening");
    for (const { id, address, port } of some)
      await new Promise<void>((resolve) =>
        socket.send("tandem isolation", port, address, (error) => {
          // The network answers no datagram here: it never left.
          if (error) say({ id, failed: (error as NodeJS.ErrnoException).code ?? "unknown" });
          resolve();
        }),
      );
    // The kernel may still be asking for the neighbour's hardware address.
    setTimeout(() => socket.close(), patienceMs);
  }
}

const { send, patienceMs, atOnce } = settingsOf<ProberSettings>();
const limit = pLimit(atOnce);
const tcp = send.filter(({ protocol }) => protocol === "tcp");
const udp = send.filter(({ protocol }) => protocol === "udp");
await Promise.all([
  sendUdp(udp, patienceMs),
  ...tcp.map((one) =>
    limit(async () => {
      if (hasEnded()) return;
      const line = await tryTcp(one, patienceMs);
      if (line) say(line);
    }),
  ),
]);
say({ sent: send.length });
process.stdin.destroy();
