import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { labSlots } from "../../environments/model/lab.ts";
import { UserError } from "../console/errors.ts";
import { withLock } from "../console/lock.ts";
import { labsDirectory, writeWhole } from "./instance.ts";

// Which lab has which address range, for all checkouts (and, as root, all users' labs) of this machine.

export interface Claim {
  readonly slot: number;
  readonly id: string;
  readonly checkout: string;
  readonly directory: string;
  readonly claimedAt: string;
}

export const slotsDirectory = (): string => (process.getuid?.() === 0 ? "/var/lib/tandem/slots" : join(labsDirectory(), "slots"));

/** A claim counts while its lab's directory is there: a lab whose machine was restarted comes back to its own addresses. */
const isHeld = (claim: Claim): boolean => existsSync(claim.directory);

export function readClaims(directory: string = slotsDirectory()): Claim[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .filter((name) => /^\d+\.json$/.test(name))
    .map((name) => JSON.parse(readFileSync(join(directory, name), "utf8")) as Claim)
    .sort((a, b) => a.slot - b.slot);
}

/** The lab's slot: the one that it has, else the lowest that no other lab holds and that the machine's own networks leave free. */
export async function claimSlot(
  lab: { readonly id: string; readonly checkout: string; readonly directory: string },
  isFree: (slot: number) => boolean,
  directory: string = slotsDirectory(),
): Promise<number> {
  return await withLock(join(directory, "..", "slots.lock"), "choosing a lab's addresses", 30, async () => {
    const claims = readClaims(directory);
    const own = claims.find((claim) => claim.id === lab.id && claim.directory === lab.directory);
    if (own) return own.slot;
    const held = claims.filter(isHeld);
    const slot = Array.from({ length: labSlots }, (_, index) => index).find(
      (index) => !held.some((claim) => claim.slot === index) && isFree(index),
    );
    if (slot === undefined) throw new UserError(noSlotMessage(held));
    writeWhole(
      join(directory, `${slot}.json`),
      `${JSON.stringify({ slot, ...lab, claimedAt: new Date().toISOString() })}\n`,
      0o644,
    );
    return slot;
  });
}

/** Gives the lab's slot back. */
export function releaseSlot(id: string, directory: string = slotsDirectory()): void {
  for (const claim of readClaims(directory)) if (claim.id === id) rmSync(join(directory, `${claim.slot}.json`), { force: true });
  if (existsSync(directory) && readdirSync(directory).length === 0) rmdirSync(directory);
}

function noSlotMessage(held: readonly Claim[]): string {
  const lines = held.map((claim) => `  slot ${claim.slot}: lab ${claim.id} of ${claim.checkout}`);
  return [
    `addresses: all ${labSlots} ranges of labs are taken or collide with the machine's own networks; one is needed. Held now:`,
    ...lines,
    'Remove a lab in its checkout with "npm run lab -- down".',
  ].join("\n");
}
