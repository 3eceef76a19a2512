import { platformZone, type Site, type Topology } from "./topology.ts";

/** What a stack holds. */
export type StackKind = "machines" | "trust" | "zone" | "core" | "services";

export interface StackPlan {
  readonly name: string;
  readonly kind: StackKind;
  readonly site?: string;
  readonly zone?: string;
  /** Place in the deployment order, from 0. */
  readonly order: number;
  /** Names of the stacks that must be deployed before. */
  readonly after: readonly string[];
}

type Unordered = Omit<StackPlan, "order">;

/** The platform's stacks in deployment order: what all share, then the standby site, then the active one. */
export function stacksOf(topology: Topology): StackPlan[] {
  const machines: Unordered[] =
    topology.machines === "lab" ? [{ name: `${topology.platform}-machines`, kind: "machines", after: [] }] : [];
  const trust: Unordered = { name: `${topology.platform}-trust`, kind: "trust", after: machines.map(({ name }) => name) };
  const sites = [...topology.sites].sort((a, b) => b.role.localeCompare(a.role));
  return [...machines, trust, ...sites.flatMap((site) => siteStacks(topology.platform, site, trust.name))].map(
    (stack, order) => ({
      ...stack,
      order,
    }),
  );
}

function siteStacks(platform: string, { name: site, zones }: Site, trust: string): Unordered[] {
  const core = `${platform}-${site}`;
  const zoneStack = `${core}-${platformZone}`;
  const business = zones.filter(({ name }) => name !== platformZone);
  return [
    { name: zoneStack, kind: "zone", site, zone: platformZone, after: [trust] },
    { name: core, kind: "core", site, after: [trust, zoneStack] },
    ...business.map(({ name }) => ({
      name: `${core}-${name}`,
      kind: "zone" as const,
      site,
      zone: name,
      after: [zoneStack, core],
    })),
    { name: `${core}-services`, kind: "services", site, after: [core] },
  ];
}
