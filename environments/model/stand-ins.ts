import { imageNames } from "./schema/services.ts";
import type { Environment } from "./schema.ts";
import { hostRoles } from "./topology.ts";

const record = <K extends string, V>(keys: readonly K[], value: V) =>
  Object.fromEntries(keys.map((key) => [key, value])) as Record<K, V>;

/**
 * Sound sections that take the place of those that a file lacks or that cannot be read, so that the rules can judge all the others at once.
 * Nothing is ever deployed from them, and what a rule says about them is not shown.
 */
export const standIns: Environment = {
  platform: "standin",
  stage: "test",
  machines: "ssh",
  availability: "norm",
  objectives: { rtoMinutes: 1, rpoMinutes: 1 },
  backup: { fullEveryHours: 1, keepDays: 1, sizeGib: 1 },
  logs: { networkDays: 1 },
  accepted: { kineOnGalera: { by: "nobody", on: "2026-01-01", reason: "none" } },
  ssh: { user: "nobody", port: 22 },
  trunk: "eth0",
  trust: {
    organization: "none",
    authorities: ["none"],
    newAuthorities: { key: "ecdsa-p256", lifetimeDays: 365 },
    certificates: { key: "ecdsa-p256", lifetimeDays: 7, renewDays: 1 },
  },
  operators: [],
  dns: { domain: "stand.in", servers: [] },
  time: { zone: "Etc/UTC", servers: [] },
  kubernetes: { version: "1.0.0", podCidr: "192.0.2.0/25", serviceCidr: "192.0.2.128/25" },
  registry: { replication: { everyMinutes: 1 } },
  flavors: { database: "mariadb-galera", registry: "distribution", nas: "ganesha", gateway: "software" },
  images: record(imageNames, `stand/in@sha256:${"0".repeat(64)}`),
  seed: { archive: "none" },
  sizes: record(hostRoles, { cpus: 1, memoryGib: 1, diskGib: 1 }),
  volumes: {},
  interSite: { vlan: 1, cidr: "198.51.100.0/24" },
  zones: {},
  sites: {},
  networks: {},
  flows: {},
};
