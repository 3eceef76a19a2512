import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { knownHostsName } from "../../environments/model/known-hosts.ts";
import { loadEnvironment } from "../../environments/model/load.ts";
import { imageNames } from "../../environments/model/schema/services.ts";
import { topologyOf } from "../../environments/model/topology-of.ts";

/** A lab's directory as the lab commands make it, with keys that open nothing. */
export function fakeLab(): { readonly directory: string; readonly remove: () => void } {
  const directory = mkdtempSync(join(tmpdir(), "tandem-fake-lab-"));
  const topology = topologyOf(loadEnvironment("lab", { slot: 0 }));
  const hosts = topology.sites.flatMap((site) => site.zones.flatMap((zone) => zone.hosts));
  const images = Object.fromEntries(
    imageNames.map((name) => [name, `sha256:${createHash("sha256").update(name).digest("hex")}`]),
  );
  const engine = { dockerHost: "unix:///nowhere/docker.sock", engineId: "ENGINE" };
  const lab = { id: "00000000", slot: 0, ...engine, image: "sha256:0", workerImage: "sha256:1", images };
  writeFileSync(join(directory, "lab.json"), JSON.stringify(lab));
  writeFileSync(join(directory, "id_ed25519"), "private half");
  writeFileSync(join(directory, "id_ed25519.pub"), "public half");
  for (const host of hosts) {
    mkdirSync(join(directory, "hosts", host.name), { recursive: true });
    writeFileSync(join(directory, "hosts", host.name, "ssh_host_ed25519_key"), "private half");
  }
  const pinned = hosts.map(
    (host) => `${knownHostsName(host.addresses.management, topology.ssh.port)} ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA==`,
  );
  writeFileSync(join(directory, topology.ssh.knownHosts), `${pinned.join("\n")}\n`);
  return { directory, remove: () => rmSync(directory, { recursive: true, force: true }) };
}
