import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { labSlots } from "../../environments/model/lab.ts";
import { UserError } from "../console/errors.ts";
import { writeWhole } from "../console/files.ts";
import { withLock } from "../console/lock.ts";
import { colliding, labBridge, type MachineNetwork } from "./machine-networks.ts";
import { isResting } from "./rest.ts";

// Which lab has which address range, for all checkouts of this machine.

export interface Claim {
  readonly slot: number;
  readonly id: string;
  readonly checkout: string;
  readonly directory: string;
  readonly claimedAt: string;
}

export const slotsDirectory = (): string => "/var/lib/tandem/slots";

/** The addresses that a lab in a slot has. */
export const supernetOf = (slot: number): string => `10.${77 + slot}.0.0/16`;

const slots = Array.from({ length: labSlots }, (_, index) => index);

/** A claim counts while its lab's directory is there: a lab whose machine was restarted comes back to its own addresses. */
export const isHeld = (claim: Claim): boolean => existsSync(claim.directory);

/** Networks of its machines are there, and it does not rest. */
export const isRunning = ({ slot, directory }: Pick<Claim, "slot" | "directory">): boolean =>
  !isResting(directory) && readdirSync("/sys/class/net").some((device) => labBridge.exec(device)?.[1] === String(slot));

export function readClaims(directory: string = slotsDirectory()): Claim[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .filter((name) => /^\d+\.json$/.test(name))
    .map((name) => JSON.parse(readFileSync(join(directory, name), "utf8")) as Claim)
    .sort((a, b) => a.slot - b.slot);
}

/** The lowest slot that no lab holds and that the machine's own networks leave free. */
export function lowestFree(held: readonly Claim[], networks: readonly MachineNetwork[]): number | undefined {
  return slots.find((slot) => !held.some((claim) => claim.slot === slot) && colliding(supernetOf(slot), networks).length === 0);
}

/** The lab's slot: the one that it has, else the lowest that no other lab holds and that the machine's own networks leave free. */
export async function claimSlot(
  lab: { readonly id: string; readonly checkout: string; readonly directory: string },
  networks: readonly MachineNetwork[],
  directory: string = slotsDirectory(),
): Promise<number> {
  return await withLock(join(directory, "..", "slots.lock"), "choosing a lab's addresses", 30, async () => {
    const claims = readClaims(directory);
    const own = claims.find((claim) => claim.id === lab.id && claim.directory === lab.directory);
    if (own) return own.slot;
    const held = claims.filter(isHeld);
    const slot = lowestFree(held, networks);
    if (slot === undefined) throw new UserError(noSlotMessage(held, networks));
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

/** Who has which addresses. */
export const describeClaim = ({ slot, id, checkout }: Claim): string => `  ${supernetOf(slot)}: lab ${id} of ${checkout}`;

/** Why no slot is free: who or what has each. */
export function noSlotMessage(held: readonly Claim[], networks: readonly MachineNetwork[]): string {
  const all = `${supernetOf(0)} to ${supernetOf(labSlots - 1)}`;
  const own = networks.filter((network) => slots.some((slot) => colliding(supernetOf(slot), [network]).length > 0));
  return [
    `addresses: found none of the ranges of labs (${all}) free; needed is one. What has them:`,
    ...held.map(describeClaim),
    ...own.map(({ cidr, device }) => `  ${cidr} on ${device} of this machine`),
    'Remove a lab in its checkout with "npm run lab -- down", or take a network of this machine away.',
  ].join("\n");
}
