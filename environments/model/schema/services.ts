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
export const imageNames = [...commonImageNames, ...registryImageNames.distribution, ...registryImageNames.harbor] as const;
export type ImageName = (typeof imageNames)[number];

const imagePattern =
  /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{2,5})?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)+(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(@sha256:[0-9a-f]{64})?$/;

const image = z
  .string()
  .max(400, { error: "at most 400 characters" })
  .regex(imagePattern, { error: "<registry>/<repository>:<version>@sha256:<64 hexadecimal digits>" })
  .describe("<registry>/<repository>:<version>@sha256:<digest>; in production the digest must be there");

const flavored = [...registryImageNames.distribution, ...registryImageNames.harbor] as const;
const ofFlavor = image.exactOptional();

export const images = z
  .strictObject({
    ...(Object.fromEntries(commonImageNames.map((name) => [name, image])) as {
      [P in (typeof commonImageNames)[number]]: typeof image;
    }),
    ...(Object.fromEntries(flavored.map((name) => [name, ofFlavor])) as { [P in (typeof flavored)[number]]: typeof ofFlavor }),
  })
  .describe("The image that each service runs from; of the registry's, those of its flavor");

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
      })
      .describe("How the standby site's registry follows the active site's"),
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
