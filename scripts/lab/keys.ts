import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ssh2 from "ssh2";
import { knownHostsName } from "../../environments/model/known-hosts.ts";
import type { Host } from "../../environments/model/topology.ts";
import { writeWhole } from "../console/files.ts";

/** Where a host's own key pair is. */
export const hostKeysDirectory = (labDirectory: string, host: string): string => join(labDirectory, "hosts", host);

export const operatorKeyFile = (labDirectory: string): string => join(labDirectory, "id_ed25519");
export const knownHostsFile = (labDirectory: string): string => join(labDirectory, "known_hosts");

/** Makes what is missing of the lab's keys: the operator's, each host's, the file that pins them. Keeps what is there. */
export function ensureKeys(labDirectory: string, hosts: readonly Host[], port: number): void {
  ensureKeyPair(operatorKeyFile(labDirectory), "operator@tandem-lab");
  const pins = hosts.map((host) => {
    const directory = hostKeysDirectory(labDirectory, host.name);
    const key = ensureKeyPair(join(directory, "ssh_host_ed25519_key"), host.name);
    return `${knownHostsName(host.addresses.management, port)} ${key.split(" ").slice(0, 2).join(" ")}\n`;
  });
  writeIfOther(knownHostsFile(labDirectory), pins.join(""));
}

/** Returns the public key. The private key is written last: a pair that is there is whole. */
function ensureKeyPair(file: string, comment: string): string {
  if (existsSync(file)) return readFileSync(`${file}.pub`, "utf8").trim();
  const pair = generateKeyPair(comment);
  writeWhole(`${file}.pub`, `${pair.public.trim()}\n`, 0o644);
  writeWhole(file, `${pair.private.trim()}\n`);
  return pair.public.trim();
}

/** ssh2 1.17 drops a leading zero byte, so one pair of some 200 is one that nothing can read: such a pair is thrown away. */
export function generateKeyPair(comment: string): { readonly public: string; readonly private: string } {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync("ed25519", { comment });
    if (!(ssh2.utils.parseKey(pair.private) instanceof Error)) return pair;
  }
}

function writeIfOther(file: string, text: string): void {
  if (!existsSync(file) || readFileSync(file, "utf8") !== text) writeWhole(file, text, 0o644);
}
