import { z } from "zod";
import { hostRoles } from "../topology.ts";
import { serverName } from "./values.ts";

export const flavors = z
  .strictObject({
    database: z.enum(["percona-xtradb-cluster", "mariadb-galera"]).describe("Product of the database hosts"),
    registry: z.enum(["harbor", "distribution"]).describe("Product of the image registry"),
    nas: z.enum(["ganesha", "external"]).describe("NFS server on the nas hosts, or the company's own appliance"),
    gateway: z.enum(["software", "external"]).describe("nftables on the gateway hosts, or the company's own firewalls"),
  })
  .describe("Which product fills a role");

/** Images that Harbor runs from. Its own releases name them otherwise: docs/registry.md. */
export const harborImageNames = [
  "harbor-front",
  "harbor-portal",
  "harbor-core",
  "harbor-jobservice",
  "harbor-registry",
  "harbor-registryctl",
  "harbor-database",
  "harbor-redis",
  "harbor-exporter",
  "harbor-trivy",
] as const;
export type HarborImageName = (typeof harborImageNames)[number];

/** What the registry runs from, by its flavor: only the flavor's own images are in a file. */
export const registryImageNames = { harbor: harborImageNames, distribution: ["registry"] } as const;

/** What answers pods' claims of a StorageClass: https://github.com/kubernetes-csi/csi-driver-nfs and what Kubernetes tells it with. */
export const claimsImageNames = [
  "csi-nfs",
  "csi-provisioner",
  "csi-resizer",
  "csi-snapshotter",
  "csi-node-driver-registrar",
  "snapshot-controller",
] as const;

/** Container images that the platform's services run from, whatever their flavors. */
const commonImageNames = [
  "haproxy",
  "keepalived",
  "conntrackd",
  "ulogd",
  "database",
  "kine",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "metrics-server",
  "worker",
  "pause",
  "coredns",
  "nas",
] as const;
/** Those that a file has only where something runs from them. */
const onlyWhereUsed = [...registryImageNames.distribution, ...registryImageNames.harbor, ...claimsImageNames] as const;
export const imageNames = [...commonImageNames, ...onlyWhereUsed] as const;
export type ImageName = (typeof imageNames)[number];

const imagePattern =
  /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{2,5})?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)+(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(@sha256:[0-9a-f]{64})?$/;

const image = z
  .string()
  .max(400, { error: "at most 400 characters" })
  .regex(imagePattern, { error: "<registry>/<repository>:<version>@sha256:<64 hexadecimal digits>" })
  .describe("<registry>/<repository>:<version>@sha256:<digest>; in production the digest must be there");

const whereUsed = image.exactOptional();

export const images = z
  .strictObject({
    ...(Object.fromEntries(commonImageNames.map((name) => [name, image])) as {
      [P in (typeof commonImageNames)[number]]: typeof image;
    }),
    ...(Object.fromEntries(onlyWhereUsed.map((name) => [name, whereUsed])) as {
      [P in (typeof onlyWhereUsed)[number]]: typeof whereUsed;
    }),
  })
  .describe(
    "The image that each service runs from; of the registry's, those of its flavor, and those of claims where a volume is a StorageClass",
  );

export const logs = z
  .strictObject({
    networkDays: z.int().min(1).max(3660).describe("Days that gateways keep what they wrote down of dropped packets"),
  })
  .describe("How long logs are kept");

export const seed = z
  .union([
    z.strictObject({
      archive: z
        .string()
        .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]*(\/[A-Za-z0-9_][A-Za-z0-9_.-]*)*$/, {
          error: "a relative path without .., as in seeds/images.tar",
        })
        .max(200)
        .describe("An image archive, relative to the environments directory or the lab's"),
    }),
    z.strictObject({ registry: serverName.describe("Another registry that answers before the site's own does") }),
  ])
  .describe("Where images come from that must start before the site's own registry");

/** Of tags, as Harbor reads it (https://pkg.go.dev/github.com/bmatcuk/doublestar#hdr-About): `*`, `?`, `[0-9]` and `{a,b}`. */
const tagPattern = /^[A-Za-z0-9_*?{}[\],.-]{1,128}$/;

/** As its scanner grades them. */
export const severities = ["low", "medium", "high", "critical"] as const;

export const registry = z
  .strictObject({
    replication: z
      .strictObject({
        everyMinutes: z
          .int()
          .min(1)
          .max(1440)
          .describe(
            "Minutes from the end of one comparison of all images to the next: what could not be copied when it was pushed is copied then",
          ),
        overwrites: z
          .boolean()
          .optional()
          .describe(
            "Whether a tag that is pushed again replaces the standby's; not with immutable tags. flavors.registry: harbor",
          ),
        mbitPerSecond: z
          .int()
          .min(1)
          .max(100_000)
          .optional()
          .describe(
            "Megabits per second that each image under way may take of the link; default: no limit. flavors.registry: harbor",
          ),
        exceptTags: z
          .string()
          .regex(tagPattern, { error: "a pattern of tags as in *-snapshot" })
          .optional()
          .describe("Pattern of tags that stay at the active site, as in *-snapshot. flavors.registry: harbor"),
      })
      .describe("How the standby site's registry follows the active site's"),
    projects: z
      .strictObject({
        quotaGib: z.int().min(1).max(1_048_576).describe("GiB that a zone's images may take"),
        keep: z
          .strictObject({
            newest: z
              .int()
              .min(1)
              .max(10_000)
              .describe("Images of a repository that stay however old they are, from the newest on"),
            days: z.int().min(1).max(3660).describe("Days since it was last pushed or pulled for which an image stays"),
          })
          .describe("Images that the nightly retention leaves: those that either number keeps"),
        immutableTags: z
          .string()
          .regex(tagPattern, { error: "a pattern of tags as in v*" })
          .optional()
          .describe("Pattern of release tags, as in v*: pushed once, never again with other content"),
        refuseFrom: z
          .enum(severities)
          .optional()
          .describe(
            "Images in which the scanner found something of this severity or a worse one are not pulled; default: all are",
          ),
      })
      .optional()
      .describe("What holds for each zone's images. flavors.registry: harbor"),
    accounts: z
      .strictObject({
        lifetimeDays: z.int().min(2).max(3660).describe("Days for which an account of the registry can log in"),
        renewDays: z
          .int()
          .min(1)
          .max(3659)
          .describe("Days before its end from which npm run registry -- apply renews an account, and status asks for it"),
      })
      .optional()
      .describe("Accounts of nodes, delivery and replication. flavors.registry: harbor"),
  })
  .describe("The sites' image registries");

const size = z.strictObject({
  cpus: z.int().min(1).max(1024).describe("Processor threads"),
  memoryGib: z.number().positive().max(16384).describe("Memory in GiB"),
  diskGib: z.int().min(1).max(1048576).describe("Data disk in GiB"),
});

export const sizes = z
  .strictObject(Object.fromEntries(hostRoles.map((role) => [role, size])) as { [P in (typeof hostRoles)[number]]: typeof size })
  .describe("Size of a host, by role; the same on both sites");

export const kubernetesVersion = z
  .string()
  .regex(/^[0-9]{1,2}\.[0-9]{1,3}\.[0-9]{1,3}$/, { error: "a version as in 1.36.3" })
  .describe("Kubernetes version, as in 1.36.3");
