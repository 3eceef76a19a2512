import { z } from "zod";
import { exceptions } from "./schema/exceptions.ts";
import { flows, networks } from "./schema/flows.ts";
import { flavors, images, kubernetesVersion, logs, registry, seed, sizes } from "./schema/services.ts";
import { network, sites, zones } from "./schema/sites.ts";
import { trust } from "./schema/trust.ts";
import { address, cidr, domainName, isoDate, platformName, prose } from "./schema/values.ts";
import { externalNas, nasReplication, volumeSizeGib, volumes } from "./schema/volumes.ts";
import { availabilityModes, stages } from "./topology.ts";

const seconds = z.number().positive().max(600);

const timings = z
  .strictObject({
    vrrpAdvertSeconds: seconds.describe("Interval of VRRP advertisements; a holder counts as gone after three and a part"),
    healthIntervalMs: z.int().min(50).max(60_000).describe("Interval of a balancer's health checks"),
    healthFastIntervalMs: z.int().min(50).max(60_000).describe("The same while a server's state is in doubt"),
    healthFall: z.int().min(1).max(10).describe("Failed checks until a server counts as down"),
    galeraKeepaliveSeconds: seconds.describe("evs.keepalive_period"),
    galeraSuspectSeconds: seconds.describe("evs.suspect_timeout"),
    galeraInactiveSeconds: seconds.describe("evs.inactive_timeout"),
    leaderLeaseSeconds: seconds.describe(
      "Duration of the lease of the controllers' leader; it has two thirds of that to renew it",
    ),
    nodeLeaseSeconds: seconds.describe("Duration of a node's lease; it is renewed at every quarter of it"),
    nodeGraceSeconds: seconds.describe("Time without a renewed lease until a node is not ready"),
    podTolerationSeconds: z
      .int()
      .min(60)
      .max(86_400)
      .describe("Time that pods stay on a node that is not ready or not heard of; a pod may ask for another"),
    nasLeaseSeconds: z
      .int()
      .min(5)
      .max(120)
      .describe(
        "Time in which a client of the NAS says that it is there; after a restart the NAS waits for clients half as long again",
      ),
  })
  .partial()
  .describe("Single timings instead of what the availability mode gives; contradictions are refused");

const acceptance = z.strictObject({
  by: prose.describe("Who accepted it"),
  on: isoDate,
  reason: prose.describe("Why it was accepted"),
});

/** An environment file: the one source of its schema, its types and its documentation in editors. */
export const environmentSchema = z
  .strictObject({
    platform: platformName,
    stage: z.enum(stages).describe("production: every image needs its digest"),
    machines: z.enum(["ssh", "lab"]).describe("ssh: real machines. lab: containers of one machine"),
    lab: z
      .strictObject({
        supernet: cidr.describe("A /16 that holds every network of the lab; another lab gets the next /16"),
        nodes: z
          .enum(["platform", "all"])
          .optional()
          .describe(
            "Zones whose workers are nodes of their site's cluster: the platform zones' alone (default), or every zone's, for which two processors are few",
          ),
      })
      .optional()
      .describe("Only with machines: lab"),
    availability: z.enum(availabilityModes).describe("One knob for all failure detection: fast, norm or safe"),
    timings: timings.optional(),
    objectives: z
      .strictObject({
        rtoMinutes: z.int().min(1).max(10_080).describe("Minutes until the other site serves"),
        rpoMinutes: z.int().min(0).max(10_080).describe("Minutes of accepted changes that may be lost in a failover"),
      })
      .describe("What the business asked for"),
    backup: z
      .strictObject({
        fullEveryHours: z.int().min(1).max(168).describe("Hours between full backups; binary logs are copied all the time"),
        keepDays: z.int().min(1).max(3660).describe("Days that the databases can be restored to any time of"),
        sizeGib: volumeSizeGib.describe("What they may take of the NAS, in GiB: more is reported"),
      })
      .describe("Backups of the databases, on the NAS of their site"),
    logs,
    accepted: z
      .strictObject({ kineOnGalera: acceptance.describe("kine on Galera is not supported upstream") })
      .describe("Accepted risks"),
    ssh: z
      .strictObject({
        user: z
          .string()
          .regex(/^[a-z_][a-z0-9_-]{0,31}$/, { error: "a Linux user name" })
          .describe("User with sudo on every host"),
        port: z.int().min(1).max(65535),
        knownHosts: z
          .string()
          .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$/, { error: "a file name without directories" })
          .optional()
          .describe("File beside this one that pins the hosts' keys; default <platform>.known_hosts"),
      })
      .describe("How hosts are reached on their management addresses"),
    trunk: z
      .string()
      .regex(/^[a-z][a-z0-9]{0,9}$/, { error: "an interface name of at most 10 characters, as in bond0" })
      .describe("Interface of a real machine that carries the VLANs of all planes, as in bond0"),
    trust,
    operators: z
      .array(cidr)
      .max(50)
      .describe("Networks that operators work from; may be empty in a lab, where the machine is the operator"),
    dns: z.strictObject({
      domain: domainName.describe("Hosts are <host>.<zone>.<site>.<domain>"),
      servers: z.array(address).max(5).describe("Name servers; may be empty in a lab"),
    }),
    time: z.strictObject({
      zone: z
        .string()
        .regex(/^[A-Z][A-Za-z_]+(\/[A-Z][A-Za-z_+-]+){0,2}$/, { error: "a time zone as in Asia/Shanghai" })
        .max(50)
        .describe("Time zone, as in Asia/Shanghai"),
      servers: z
        .array(address)
        .max(8)
        .describe(
          "Addresses of NTP servers: firewalls know no names; may be empty in a lab, where hosts have the machine's clock",
        ),
    }),
    kubernetes: z.strictObject({
      version: kubernetesVersion,
      podCidr: cidr.describe("Addresses of all pods; each zone of each site has a part of its own, and none leaves its zone"),
      serviceCidr: cidr.describe("Addresses of services; never leave a site, so both sites have the same"),
    }),
    flavors,
    images,
    seed,
    registry,
    sizes,
    volumes,
    nasReplication: nasReplication.optional(),
    externalNas: externalNas.optional(),
    interSite: network.describe("The link between the sites"),
    zones,
    sites,
    outOfService: z
      .record(z.string(), prose.describe("Why, and until when"))
      .optional()
      .describe("Hosts that died: still part of the layout, but not deployed to until they are replaced"),
    networks,
    flows,
    exceptions: exceptions.optional(),
  })
  .describe("A Tandem platform");

export type Environment = z.output<typeof environmentSchema>;
export type SiteEntry = Environment["sites"][string];
export type ZoneEntry = SiteEntry["zones"][string];
