import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { platformPorts } from "../../environments/model/ports.ts";
import type { Host } from "../../environments/model/topology.ts";
import { nasName } from "../../environments/model/volumes.ts";
import { labTopology } from "../../scripts/lab/machines.ts";
import { spawnOwned } from "../support/interrupted.ts";
import { type NfsClients, nfsClients } from "../support/nfs-client.ts";
import { lab, machineOf, on } from "./session.ts";

// The lab's hosts share a kernel without NFS. A Linux in user mode mounts in a host's place: it has the host's connections, by a forwarder in its network.

/** Known to nobody but the client and its forwarder (RFC 5737). */
const address = "192.0.2.2";
const forward = join(import.meta.dirname, "..", "support", "forward.ts");

export interface Mounting {
  /** Runs a script as the root of a client in a host's place, with `$server` for the NAS that the host finds by its name, and `/mnt` to mount at. */
  at(host: Host, script: string): ReturnType<NfsClients["run"]>;
}

export async function whileMounting(work: (mounting: Mounting) => Promise<void>): Promise<void> {
  const clients = await nfsClients();
  try {
    await work({ at: (host, script) => mountAt(clients, host, script) });
  } finally {
    clients.remove();
  }
}

async function mountAt(clients: NfsClients, host: Host, script: string): ReturnType<NfsClients["run"]> {
  const [server = ""] = (await on(host, `getent ahostsv4 ${nasName(labTopology(lab))}`)).split(" ");
  const nas = `tcp:${server}:${platformPorts.nfs}`;
  const { State } = await machineOf(host).inspect();
  const directory = mkdtempSync(join(tmpdir(), "tandem-mount-"));
  const between = `unix:${join(directory, "nas")}`;
  const stdio = ["ignore", "pipe", "inherit"] as const;
  const outside = spawnOwned("nsenter", ["--net", `--target=${State.Pid}`, process.execPath, forward, between, nas], {
    stdio: [...stdio],
  });
  const inside = spawnOwned(
    "unshare",
    [
      "--net",
      "sh",
      "-ec",
      `ip link set lo up\nip address add ${server}/32 dev lo\nexec ${process.execPath} ${forward} ${nas} ${between}`,
    ],
    { stdio: [...stdio] },
  );
  try {
    for (const { stdout } of [outside, inside]) if (stdout) await once(stdout, "data");
    const connect = `ip link set $tap up\nip route replace ${address}/32 dev $tap`;
    return await clients.run({ network: inside.pid, connect, address, server }, script);
  } finally {
    for (const process of [outside, inside]) process.kill("SIGKILL");
    rmSync(directory, { recursive: true, force: true });
  }
}
