import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { renderAgent } from "../../../components/database/agent.render.ts";
import { type DatabaseCluster, databaseCluster, databasePaths } from "../../../components/database/cluster.render.ts";
import { loadEnvironment } from "../../../environments/model/load.ts";
import type { Host } from "../../../environments/model/topology.ts";
import { topologyOf } from "../../../environments/model/topology-of.ts";
import { spawnOwned, whenInterrupted } from "../../support/interrupted.ts";
import { until } from "../../support/until.ts";

/**
 * What the agent starts as its session, in place of MariaDB's client: a healthy server whose role and receive queue are files. While the file `paused` is there, the role is
 * read and not told, and the file `hangs` says so. Each question after the role is noted, with the time of the page that was there then.
 */
const sessionWith = (members: readonly Host[]): string => `#!/bin/bash
cd "$(dirname "$0")"
while kill -0 ${process.pid}; do
  # It lives no longer than the test does.
  IFS= read -r -t 1 line || { [ $? -gt 128 ] && continue || exit; }
  case $line in
    *'SHOW GLOBAL STATUS'*)
      printf '%s\\t%s\\n' wsrep_cluster_status Primary wsrep_incoming_addresses ${members.map(({ addresses }) => `${addresses.storage}:0`).join()} wsrep_local_recv_queue $(cat queue) wsrep_local_state 4
      printf '%s\\t%s\\n' wsrep_local_state_comment Synced wsrep_ready ON ;;
    "SELECT 'read_only'"*) printf 'read_only\\tOFF\\n' ;;
    *'SELECT node, term'*)
      wait=\${line#*sync_wait = }
      role=$(cat role)
      echo "\${wait%%;*} $(head -n 1 page 2>/dev/null)" >> asked
      while [ -e paused ] && kill -0 ${process.pid}; do : > hangs; read -r -t 0.02 -u 5; done 5<> silence
      printf '%s\\t1\\n' "$role" ;;
    UPDATE*"SET node = ''"*) : > role ;;
    UPDATE*"SET node = '"*) role=\${line#*"SET node = '"}; echo "\${role%%"'"*}" > role ;;
    *information_schema*) printf '1\\t1\\n' ;;
    *'end of answer'*) echo 'end of answer' ;;
  esac
done
`;

interface Agent {
  readonly cluster: DatabaseCluster;
  readonly member: Host;
  readonly other: Host;
  readonly file: (name: string) => string;
  readonly lines: (name: string) => string[];
}

interface Own {
  /** The process that stands for the server, and where its data end. */
  readonly server: ChildProcess;
  readonly position: string;
  /** Programs of the agent's that play another part: their texts by their names. They tell it the time as well. */
  readonly programs: Readonly<Record<string, string>>;
}

/** Starts the agent of a site's first node, whose server has a receive queue of some length and whose cluster has no writer. */
function startAgent(t: TestContext, queue: number, own?: Own): Agent {
  const directory = mkdtempSync(join(tmpdir(), "tandem-agent-"));
  whenInterrupted(() => rmSync(directory, { recursive: true, force: true }));
  const topology = topologyOf(loadEnvironment("lab", { slot: 0 }));
  const [site] = topology.sites;
  assert.ok(site);
  const cluster = databaseCluster(topology, site);
  const [member, other] = cluster.members as [Host, Host];
  const file = (name: string): string => join(directory, name);
  const lines = (name: string): string[] => (existsSync(file(name)) ? readFileSync(file(name), "utf8").split("\n") : []);
  const programs = own?.programs ?? { mysql: sessionWith(cluster.members) };
  for (const [name, text] of Object.entries(programs)) writeFileSync(file(name), text, { mode: 0o755 });
  writeFileSync(file("role"), "");
  writeFileSync(file("queue"), `${queue}`);
  mkdirSync(file("data"));
  const agent = renderAgent(cluster, member)
    .replaceAll(databasePaths.runtime, directory)
    .replaceAll(databasePaths.data, file("data"))
    .replaceAll("/proc/uptime", own ? file("uptime") : "/proc/uptime");
  const env = { ...process.env, PATH: `${directory}:${process.env["PATH"]}` };
  writeFileSync(file("agent"), agent);
  // Else this process stands for the server that it looks after.
  const server = String(own?.server.pid ?? process.pid);
  const run = spawnOwned("bash", [file("agent"), server, "join", own?.position ?? ""], {
    env,
    stdio: ["ignore", "ignore", "inherit"],
  });
  t.after(async () => {
    // Its session ends with it.
    run.kill("SIGKILL");
    if (run.exitCode === null && run.signalCode === null) await once(run, "exit");
    rmSync(directory, { recursive: true, maxRetries: 10 });
  });
  return { cluster, member, other, file, lines };
}

test("a node that has yet to apply what others wrote does not become the writer before it has", async (t) => {
  const { member, file, lines } = startAgent(t, 5);
  const looks = (): number => lines("asked").length;
  await until("it has looked ten times", () => looks() > 10, 15_000);
  assert.equal(readFileSync(file("role"), "utf8"), "");
  assert.equal(lines("page")[2], "the writer is not chosen yet");
  writeFileSync(file("queue"), "0");
  await until("it takes the role", () => lines("role")[0] === member.name, 15_000);
});

test("a writer whose server hung while it was asked doesn't call itself the writer by that answer: it asks the cluster first", async (t) => {
  const { cluster, other, file, lines } = startAgent(t, 0);
  const isWriter = (): boolean => lines("page").length > 3 && lines("page")[2] === "";
  await until("it is the writer", isWriter, 15_000);

  writeFileSync(file("paused"), "");
  await until("it is asked and hangs", () => existsSync(file("hangs")));
  const next = lines("asked").length - 1;
  const [time] = lines("page");
  writeFileSync(file("role"), `${other.name}\n`);
  const hung = performance.now();
  await until(
    "it hung for as long as its peers wait",
    () => performance.now() - hung > cluster.timings.galeraSuspectSeconds * 1000,
  );
  rmSync(file("paused"));
  await until("it follows the other one", () => lines("page")[2] === `the writer is ${other.name}`);
  assert.deepEqual(lines("asked")[next], `1 ${time}`);
});

test("a server that came into a component in which nobody can fill it is ended; one that waits for its peers is not, nor does a pause of both count", async (t) => {
  const server = spawnOwned("sleep", ["infinity"], { stdio: "ignore" });
  t.after(() => server.kill("SIGKILL"));
  const { file, lines } = startAgent(t, 0, {
    ...{ server, position: "2f3c0a4e-0000-0000-0000-000000000000:7" },
    programs: {
      // It does not answer, and each time it is asked some seconds have passed; its peers answer, and serve nobody.
      mysql: `#!/bin/sh
cd "$(dirname "$0")"
read -r seconds rest < uptime
echo "$((\${seconds%.*} + $(cat step 2>/dev/null || echo 4))).00 0" > uptime
echo asked >> looks
exit 1
`,
      socat: "#!/bin/sh\nprintf 'HTTP/1.1 503 Service Unavailable\\r\\n\\r\\nnot synced\\n'\n",
      uptime: "1000.00 0\n",
    },
  });
  const looksOn = async (what: string): Promise<void> => {
    const before = lines("looks").length;
    await until(what, () => lines("looks").length > before + 20 || server.signalCode !== null, 30_000);
    assert.equal(server.signalCode, null, what);
  };
  await looksOn("it has waited for its peers for longer than a minute");
  const [, view] = databasePaths.view.split(databasePaths.data);
  writeFileSync(file("step"), "1000");
  await until("all pauses", () => lines("looks").length > 25, 30_000);
  writeFileSync(file(`data${view}`), "");
  await looksOn("it was paused for hours");
  writeFileSync(file("step"), "4");
  await until("the server is ended", () => server.signalCode === "SIGKILL", 30_000);
});
