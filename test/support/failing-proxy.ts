import { once } from "node:events";
import { type AddressInfo, createServer, createConnection as dial, type Socket } from "node:net";

/** What lies between a client and its server on loopback, and lets a connection die at what the one or the other says. */
export interface FailingProxy {
  readonly port: number;
  /** From now on a connection dies in the middle of an answer, before a part of it. */
  cutAnswersAt(part: string): void;
  /** How many connections have died. */
  died(): number;
  stop(): void;
}

/** `fatal` is a part of what a client says; it has to come in one piece, as a part of an answer has to. */
export async function startFailingProxy(serverPort: number, fatal?: string): Promise<FailingProxy> {
  const sockets = new Set<Socket>();
  let fatalAnswer: string | undefined;
  let died = 0;
  const proxy = createServer((client) => {
    const server = dial(serverPort, "127.0.0.1");
    for (const one of [client, server]) {
      sockets.add(one);
      one.on("error", () => {}).on("close", () => [client, server].forEach((each) => void each.destroy()));
    }
    client.on("data", (said) => {
      if (fatal === undefined || !said.includes(fatal)) return void server.write(said);
      died++;
      client.destroy();
    });
    server.on("data", (answer) => {
      const at = fatalAnswer === undefined ? -1 : answer.indexOf(fatalAnswer);
      if (at < 0) return void client.write(answer);
      died++;
      client.end(answer.subarray(0, at));
    });
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  return {
    port: (proxy.address() as AddressInfo).port,
    cutAnswersAt: (part) => {
      fatalAnswer = part;
    },
    died: () => died,
    stop: () => {
      proxy.close();
      for (const each of sockets) each.destroy();
    },
  };
}
