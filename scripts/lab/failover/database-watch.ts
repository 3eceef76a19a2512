// Looks at the health pages of a site's database nodes from within their network, again and again, and prints what it sees as lines of JSON.
// Run as a process of its own. It ends when its standard input does.
import { get } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { hasEnded, say, settingsOf } from "../program.ts";
import { now } from "./records.ts";

export interface DatabaseWatchSettings {
  /** Host name and address on the storage plane. */
  readonly nodes: readonly { readonly name: string; readonly address: string }[];
  readonly port: number;
}

export interface SeenDatabase {
  readonly at: number;
  /** Nodes that say they are the writer. */
  readonly writers: readonly string[];
  /** What each node that is not well says, by its name; looked at more rarely than the writer. */
  readonly unwell: Readonly<Record<string, string>>;
  /** When the nodes were asked for that. */
  readonly unwellAt: number;
}

const { nodes, port } = settingsOf<DatabaseWatchSettings>();
const everyMs = 250;
/** The page asks its server each time. */
const healthEvery = 4;

function page(host: string, path: string): Promise<{ code: number; text: string }> {
  return new Promise((resolve) => {
    const silent = (why: string) => resolve({ code: 0, text: why });
    const asked = get({ host, port, path, agent: false, signal: AbortSignal.timeout(path === "/" ? 3000 : 1000) }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (data: string) => {
        text += data;
      });
      response.on("end", () => resolve({ code: response.statusCode ?? 0, text: text.trim() }));
      response.on("error", (error) => silent(error.message));
    });
    asked.on("error", (error) => silent(error.message));
  });
}

async function askedWriters(): Promise<string[]> {
  const asked = await Promise.all(nodes.map(async ({ name, address }) => ({ name, ...(await page(address, "/writer")) })));
  return asked.filter(({ code }) => code === 200).map(({ name }) => name);
}

let unwell: Record<string, string> = {};
let unwellAt = 0;
for (let turn = 0; !hasEnded(); turn++) {
  if (turn % healthEvery === 0) {
    unwellAt = now();
    const found = await Promise.all(nodes.map(async ({ name, address }) => ({ name, ...(await page(address, "/")) })));
    unwell = Object.fromEntries(
      found.filter(({ code }) => code !== 200).map(({ name, code, text }) => [name, code === 0 ? text : `${code} ${text}`]),
    );
  }
  let writers = await askedWriters();
  // Answers come one after the other, and a role may go from the first to the last of them. Who still says so afterwards had it at once.
  if (writers.length > 1) writers = await askedWriters();
  const line: SeenDatabase = { at: now(), writers, unwell, unwellAt };
  say(line);
  await pause(everyMs);
}
