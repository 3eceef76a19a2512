import { createConnection, createServer, type NetConnectOpts } from "node:net";
import { pipeline } from "node:stream";

// node forward.ts <from> <to>: passes connections on, from one network's end to another's; each end is tcp:<address>:<port> or unix:<path>.

function endOf(text: string | undefined): NetConnectOpts {
  const [kind, where = "", port] = text?.split(":") ?? [];
  if (kind === "unix") return { path: where };
  if (kind === "tcp") return { host: where, port: Number(port) };
  throw new Error(`${text}: allowed are tcp:<address>:<port> and unix:<path>`);
}

const [from, to] = process.argv.slice(2, 4).map(endOf) as [NetConnectOpts, NetConnectOpts];
createServer((inner) => {
  const outer = createConnection(to);
  // An end that breaks takes the other one along.
  pipeline(inner, outer, inner, () => {});
}).listen(from, () => process.stdout.write("listens\n"));
