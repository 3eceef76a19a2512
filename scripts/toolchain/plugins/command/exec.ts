import type { Client, ClientChannel } from "ssh2";

/**
 * What ssh2 1.17 keeps to itself. It sends environment variables without asking whether they were accepted, and a signal only
 * while the command's input is open; a command must not run without its environment, and must be stoppable.
 */
interface Channel {
  readonly outgoing: { readonly id: number };
  readonly _callbacks: ((refused: unknown) => void)[];
}
interface Internals {
  readonly _protocol: {
    env(channel: number, name: string, value: string, wantReply: boolean): void;
    exec(channel: number, command: string, wantReply: boolean): void;
    signal(channel: number, signal: string): void;
  };
  readonly _chanMgr: { readonly _channels: Readonly<Record<string, Channel | undefined>> };
}

/** A command that runs: its channel, and its exit status or signal as soon as the host has said it. */
export interface Started {
  readonly channel: ClientChannel;
  readonly exit: { status?: number | string };
}

/** Starts a command once all variables of `environment` were answered; `onRefused` may throw to keep it from starting. */
export function exec(
  client: Client,
  command: string,
  environment: Readonly<Record<string, string>>,
  onRefused: (names: readonly string[]) => Promise<void>,
): Promise<Started> {
  const { _protocol: protocol, _chanMgr: channels } = client as unknown as Internals;
  const { env, exec: start } = protocol;
  const refused: string[] = [];
  return new Promise((resolve, reject) => {
    let answers = Object.keys(environment).length;
    let ready: (() => void) | undefined;
    const answered = () => {
      if (answers === 0 && ready) (refused.length > 0 ? onRefused(refused) : Promise.resolve()).then(ready, reject);
    };
    protocol.env = (id, name, value) => {
      Object.values(channels._channels)
        .find((each) => each?.outgoing?.id === id)
        ?._callbacks.push((failed) => {
          answers--;
          if (failed) refused.push(name);
          answered();
        });
      env.call(protocol, id, name, value, true);
    };
    protocol.exec = (id, text, wantReply) => {
      Object.assign(protocol, { env, exec: start });
      ready = () => start.call(protocol, id, text, wantReply);
      answered();
    };
    client.exec(command, { env: { ...environment } }, (error, channel) => {
      if (error) return reject(error);
      // Listened for at once: a quick command's whole answer comes in one packet, before any promise goes on.
      const exit: Started["exit"] = {};
      channel.once("exit", (code: number | null, killed?: string) => {
        exit.status = code ?? killed ?? "unknown";
      });
      resolve({ channel, exit });
    });
  });
}

/**
 * Signals the command's process group on the host. The protocol has a request for it, which OpenSSH refuses in root's sessions
 * ("session signalling requires privilege separation"); so a second session of the same connection looks for the first one's
 * processes, which have the same parent, and signals those.
 */
export function signalRemote(client: Client, channel: ClientChannel, signal: "TERM" | "KILL"): void {
  const { outgoing } = channel as unknown as Channel;
  const siblings =
    "cat /proc/$PPID/task/$PPID/children 2>/dev/null || ps -A -o pid= -o ppid= | while read p q; do test $q = $PPID && echo $p; done";
  const script = `for p in $(${siblings}); do test $p = $$ || kill -s ${signal} -- -$p; done`;
  try {
    (client as unknown as Internals)._protocol.signal(outgoing.id, signal);
    client.exec(`exec /bin/sh -c '${script}'`, (_error, helper) =>
      helper
        ?.on("error", () => {})
        .resume()
        .stderr.resume(),
    );
  } catch {
    // The connection has ended already.
  }
}
