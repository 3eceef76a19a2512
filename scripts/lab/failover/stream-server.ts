// What the clients of gateways talk to, run as a process of its own in a host's network: whoever connects is sent a line again and again, and
// never has to send one. Its settings are in a file. It ends when its standard input does.
import { createServer } from "node:net";
import { hasEnded, say, settingsOf } from "../program.ts";

export interface StreamServerSettings {
  readonly host: string;
  readonly port: number;
  readonly pauseMs: number;
}

const { host, port, pauseMs } = settingsOf<StreamServerSettings>();

const server = createServer({ noDelay: true }, (socket) => {
  const send = (): boolean => socket.write("line\n");
  send();
  const timer = setInterval(send, pauseMs);
  socket
    .on("error", () => {})
    .on("close", () => clearInterval(timer))
    .resume();
});
server.listen(port, host, () => say({ listens: `${host}:${port}` }));
const watch = setInterval(() => {
  if (hasEnded()) process.exit();
}, 100);
server.on("close", () => clearInterval(watch));
