import { z } from "zod";
import { hostRoles, planes } from "../topology.ts";
import { address, cidr, prose, rackName, shortName, siteName, vlan, zoneName } from "./values.ts";

/** VIPs that the platform has; which zone has which follows from the roles of its hosts. */
export const vipNames = [
  ...planes.map((plane) => `gateway-${plane}` as const),
  "kubernetes-api",
  "database",
  "registry",
] as const;
export type VipName = (typeof vipNames)[number];

const optionalKeys = <K extends string, V extends z.ZodType>(keys: readonly K[], value: V) =>
  z.strictObject(Object.fromEntries(keys.map((key) => [key, value.optional()])) as { [P in K]: z.ZodOptional<V> });

export const network = z.strictObject({ vlan, cidr });

const hostEntry = z
  .union([
    rackName,
    z.strictObject({
      rack: rackName,
      addresses: optionalKeys(planes, address).optional().describe("Addresses that leave the plan"),
    }),
  ])
  .describe("The host's rack; or { rack, addresses } where an address leaves the plan");

const hosts = optionalKeys(hostRoles, z.record(shortName, hostEntry)).describe("Hosts by role: short name and rack");

const vip = z.strictObject({
  address: address.optional().describe("Address instead of the plan's"),
  vrid: z.int().min(1).max(255).optional().describe("VRRP virtual router id instead of the plan's"),
});

const zone = z.strictObject({
  planes: z
    .strictObject({ business: network, management: network, storage: network })
    .describe("The zone's network in each plane"),
  core: address.describe(
    "Where the zone meets the others: the first of three addresses of the site's core network, which its gateways hold together; the next two are theirs",
  ),
  pods: cidr.describe("Addresses of the zone's pods, a part of kubernetes.podCidr: each worker takes a /24 of it, by its number"),
  hosts,
  vips: optionalKeys(vipNames, vip).optional().describe("VIPs that leave the plan"),
});

const site = z.strictObject({
  role: z.enum(["active", "standby"]).describe("The active site serves; exactly one is active"),
  racks: z.array(rackName).min(1).max(200).describe("The site's racks: what fails together"),
  core: network.describe("The site's core network, where the zones' gateways meet"),
  zones: z.record(zoneName, zone).describe("The zones of the site: platform and every business zone"),
});

export const sites = z.record(siteName, site).describe("The two sites");

export const zones = z
  .record(zoneName, z.strictObject({ purpose: prose.describe("What the zone is for") }))
  .describe("The business zones; every site has all of them, and the zone platform besides");
