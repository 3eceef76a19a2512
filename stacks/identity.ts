import * as pulumi from "@pulumi/pulumi";
import { fingerprint, type Inspection } from "../components/host/inspection.ts";

/** What a stack deployed to: recorded by each `up`, checked by each run before it registers anything. */
export interface Identity {
  readonly platform: string;
  readonly site?: string;
  readonly zone?: string;
  /** By host name. */
  readonly hosts: Readonly<Record<string, HostIdentity>>;
  /** Id of the lab's Docker engine; only in the stack that makes its machines. */
  readonly engineId?: string;
}

export interface HostIdentity {
  /** SHA-256 fingerprint of the SSH host key. */
  readonly hostKey: string;
  readonly machineId: string;
  readonly engineId: string;
}

/** What this run would deploy to, as far as it knows before it reaches a host. */
export interface DeclaredIdentity {
  readonly platform: string;
  readonly site?: string;
  readonly zone?: string;
  readonly engineId?: string;
  /** Pinned host key (`ssh-ed25519 AAAA…`) by host name; undefined where none is pinned. */
  readonly hostKeys: Readonly<Record<string, string | undefined>>;
  /** Hosts that are listed as dead: nothing of theirs can be deleted in an orderly way. */
  readonly outOfService?: readonly string[];
}

const parts = { platform: "platform", site: "site", zone: "zone", engineId: "Docker engine" } as const;

/** The differences between what a stack was deployed to and what it would be deployed to now. */
export function identityProblems(recorded: Identity | undefined, declared: DeclaredIdentity): string[] {
  if (!recorded) return [];
  const problems: string[] = [];
  for (const [part, name] of Object.entries(parts) as [keyof typeof parts, string][]) {
    if (recorded[part] !== declared[part]) {
      problems.push(
        `identity: this stack was deployed to ${name} ${recorded[part]}, now it declares ${declared[part]}; use that ${name}'s own stack`,
      );
    }
  }
  for (const [host, key] of Object.entries(declared.hostKeys)) {
    const before = recorded.hosts[host];
    if (before && key && before.hostKey !== fingerprint(key)) {
      problems.push(
        `identity: ${host} was deployed with the SSH host key ${before.hostKey}, now ${fingerprint(key)} is pinned; ${howToReplace(host)}`,
      );
    }
  }
  for (const host of declared.outOfService ?? []) {
    if (recorded.hosts[host])
      problems.push(
        `identity: ${host} is out of service, and this stack would delete what it has there, data too; let it forget that host: npm run hosts -- forget ${host}`,
      );
  }
  return problems;
}

/** The differences between a machine as it was recorded and as it is. */
export function inspectionProblems(recorded: Identity | undefined, found: Readonly<Record<string, Inspection>>): string[] {
  const problems: string[] = [];
  for (const [host, now] of Object.entries(found)) {
    const before = recorded?.hosts[host];
    if (before && before.machineId !== now.machineId) {
      problems.push(
        `identity: ${host} was machine ${before.machineId}, now ${now.machineId} answers at its address; ${howToReplace(host)}`,
      );
    }
    if (before?.engineId && now.engineId === "") {
      problems.push(`${host}: its Docker engine does not answer; start it (systemctl start docker) and run again`);
    } else if (before?.engineId && before.engineId !== now.engineId) {
      problems.push(`identity: ${host} had the Docker engine ${before.engineId}, now ${now.engineId}; ${howToReplace(host)}`);
    }
  }
  return problems;
}

const howToReplace = (host: string): string => `if the machine was replaced on purpose, run: npm run hosts -- forget ${host}`;

/** Ends the run before anything is registered. */
export function refuse(problems: readonly string[]): void {
  if (problems.length > 0) throw new pulumi.RunError(problems.join("\n"));
}
