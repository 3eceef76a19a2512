import { createHash } from "node:crypto";
import type { ServerHostKeyAlgorithm } from "ssh2";
import ssh2 from "ssh2";

/** The key that a host must present: `<type> <base64>`, also with the host names of a known_hosts line before it. */
export interface PinnedKey {
  readonly type: string;
  readonly blob: Buffer;
  /** What the connection may agree on, so that a host with several keys presents this one. */
  readonly algorithms: ServerHostKeyAlgorithm[];
}

const algorithms: Readonly<Record<string, ServerHostKeyAlgorithm[]>> = {
  "ssh-ed25519": ["ssh-ed25519"],
  "ssh-rsa": ["rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"],
  "ecdsa-sha2-nistp256": ["ecdsa-sha2-nistp256"],
  "ecdsa-sha2-nistp384": ["ecdsa-sha2-nistp384"],
  "ecdsa-sha2-nistp521": ["ecdsa-sha2-nistp521"],
};

export function parsePinnedKey(text: string, where: string): PinnedKey {
  const words = text.trim().split(/\s+/);
  const at = words.findIndex((word) => Object.hasOwn(algorithms, word));
  const type = words[at] ?? "";
  const parsed = at < 0 ? new Error() : ssh2.utils.parseKey(`${type} ${words[at + 1] ?? ""}`);
  if (parsed instanceof Error) {
    throw new Error(
      `${where}: not a public host key. Give one line as ssh-keyscan prints it, <type> <base64>, of type ${Object.keys(algorithms).join(", ")}`,
    );
  }
  return { type, blob: parsed.getPublicSSH(), algorithms: [...(algorithms[type] ?? [])] };
}

/** As `ssh-keygen -l` prints it. */
export function fingerprint(blob: Buffer): string {
  return `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`;
}

/** The key type that a public key's wire form names. */
export function typeOf(blob: Buffer): string {
  return blob.length < 4 ? "unknown" : blob.subarray(4, 4 + blob.readUInt32BE(0)).toString("latin1");
}
