import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { createInterface, type Interface } from "node:readline";

/** A client of a test database: knows which server it reached, and that it still reaches it. */
export class Client {
  readonly #socket: Socket;
  readonly #lines: AsyncIterator<string>;
  readonly #reader: Interface;
  closed = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#reader = createInterface(socket);
    this.#lines = this.#reader[Symbol.asyncIterator]();
    socket
      .on("error", () => {})
      .on("close", () => {
        this.closed = true;
        this.#reader.close();
      });
  }

  /** Rejects when nobody greets within the time. */
  static async open(
    address: string,
    port: number,
    timeoutMs = 1500,
  ): Promise<{ readonly client: Client; readonly server: string }> {
    const client = new Client(connect({ host: address, port }));
    const timer = setTimeout(() => client.#socket.destroy(), timeoutMs);
    try {
      return { client, server: await client.#next() };
    } finally {
      clearTimeout(timer);
    }
  }

  /** Says a word and hears it again. */
  async says(word: string): Promise<string> {
    this.#socket.write(`${word}\n`);
    return await this.#next();
  }

  async close(): Promise<void> {
    this.#reader.close();
    if (this.closed) return;
    this.#socket.destroy();
    await once(this.#socket, "close");
  }

  async #next(): Promise<string> {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error("the connection was closed");
    return value;
  }
}

/** Which server a new connection reaches; "none" where no one greets. */
export async function reached(address: string, port: number): Promise<string> {
  try {
    const { client, server } = await Client.open(address, port);
    await client.close();
    return server;
  } catch {
    return "none";
  }
}
