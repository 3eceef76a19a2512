import { createHash } from "node:crypto";
import { join } from "node:path";
import { stateDirectory } from "../console/directories.ts";
import { withLock } from "../console/lock.ts";

/** What makes two runs ones on the same states. */
interface Locked {
  readonly name: string;
  readonly project: { readonly backend: string };
}

/** Runs work that writes a platform's states; a second one at the same time is refused with who holds it. */
export function withPlatformLock<T>(platform: Locked, purpose: string, work: () => Promise<T>): Promise<T> {
  const key = createHash("sha256").update(`${platform.project.backend} ${platform.name}`).digest("hex").slice(0, 12);
  // A killed holder's lock is taken over after 10 s.
  return withLock(join(stateDirectory, "locks", `platform-${key}`), `${purpose} of ${platform.name}`, 15, work);
}
