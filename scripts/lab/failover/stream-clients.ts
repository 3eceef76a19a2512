// Two clients in one process, in a host's network: `crossings` makes a connection after the other, each of them through all gateways on the way;
// `streams` makes one and listens to it. A line of JSON about each success and failure. It ends when its standard input does.
import { connect, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { clientPatience } from "../../../environments/model/outages.ts";
import { hasEnded, say, settingsOf } from "../program.ts";
import { now, type Outcome, type Written } from "./records.ts";

export interface StreamClientsSettings {
  readonly host: string;
  readonly port: number;
  readonly pauseMs: number;
}

export type StreamLine = { readonly crossings: Written } | { readonly streams: Written };

const { host, port, pauseMs } = settingsOf<StreamClientsSettings>();
const result = (sequence: number, outcome: Outcome, why?: string): Written => ({
  ...{ sequence, at: now(), outcome },
  ...(why !== undefined && { why }),
});

/** Resolves with the first data of a new connection. */
function firstData(): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true });
    const timer = setTimeout(() => socket.destroy(new Error("no answer in time")), clientPatience.connect * 1000);
    socket.once("data", () => {
      clearTimeout(timer);
      resolve(socket);
    });
    socket.once("close", () => clearTimeout(timer)).once("error", reject);
  });
}

async function crossings(): Promise<void> {
  for (let sequence = 1; !hasEnded(); sequence++) {
    let line: Written;
    try {
      (await firstData()).destroy();
      line = result(sequence, "acknowledged");
    } catch (error) {
      line = result(sequence, "failed", (error as Error).message);
    }
    say({ crossings: line } satisfies StreamLine);
    await pause(pauseMs);
  }
}

async function streams(): Promise<void> {
  let sequence = 0;
  while (!hasEnded()) {
    try {
      const socket = await firstData();
      socket.on("data", () => say({ streams: result(++sequence, "acknowledged") } satisfies StreamLine));
      const ended = new Promise<Error | undefined>((resolve) =>
        socket.once("error", resolve).once("close", () => resolve(undefined)),
      );
      const left = (async () => {
        while (!hasEnded() && !socket.destroyed) await pause(100);
        socket.destroy();
      })();
      const error = await ended;
      await left;
      if (!hasEnded())
        say({ streams: result(++sequence, "failed", error?.message ?? "the connection ended") } satisfies StreamLine);
    } catch (error) {
      say({ streams: result(++sequence, "failed", (error as Error).message) } satisfies StreamLine);
      await pause(pauseMs);
    }
  }
}

await Promise.all([crossings(), streams()]);
