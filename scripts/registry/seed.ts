import { join } from "node:path";
import { registryName } from "../../environments/model/registry.ts";
import type { Topology } from "../../environments/model/topology.ts";

// What the platform runs from comes to its registry from the seed that the environment file names, by digest. Pure.

/** An image of the environment file that is of the platform's own registry. */
export interface SeedImage {
  /** With its project, as in `platform/haproxy`. */
  readonly repository: string;
  readonly tag: string;
  readonly digest: string;
}

/** Each once, in the order of their names; those of other registries, and those without tag or digest, are not the registry's. */
export function seedImages(topology: Pick<Topology, "dns" | "images">): SeedImage[] {
  const own = new Map<string, SeedImage>();
  for (const image of Object.values(topology.images)) {
    const [, registry, repository = "", tag = "", digest = ""] =
      /^([^/]+)\/([^:@]+):([^@]+)@(sha256:[0-9a-f]{64})$/.exec(image) ?? [];
    if (registry === registryName(topology)) own.set(image, { repository, tag, digest });
  }
  return [...own].toSorted(([a], [b]) => a.localeCompare(b, "en")).map(([, image]) => image);
}

export interface FillFrom {
  readonly seed: Topology["seed"];
  /** Where an archive's path begins. */
  readonly directory: string;
}

export interface FillTo {
  /** Of the active site, as in `registry.platform.dc1.reference.tandem.internal`. */
  readonly registry: string;
  /** containers-auth.json(5). */
  readonly authFile: string;
  /** With the authorities of the registry in `*.crt`: containers-certs.d(5). */
  readonly certificateDirectory: string;
}

/** Arguments of skopeo that print the manifest that a tag has in the registry, of which its digest is made: fails where there is none. */
export const askWords = ({ repository, tag }: SeedImage, { registry, authFile, certificateDirectory }: FillTo): string[] => [
  ...["inspect", "--raw", "--authfile", authFile, "--cert-dir", certificateDirectory],
  `docker://${registry}/${repository}:${tag}`,
];

/** Arguments of skopeo that bring an image with all its platforms. What it took from where is told apart by digest, so no signature is asked for. */
export function copyWords(image: SeedImage, { seed, directory }: FillFrom, to: FillTo): string[] {
  const { repository, tag, digest } = image;
  const source =
    "registry" in seed
      ? `docker://${seed.registry}/${repository}@${digest}`
      : `oci-archive:${join(directory, seed.archive)}:${repository}:${tag}`;
  return [
    ...["copy", "--quiet", "--insecure-policy", "--all", "--preserve-digests"],
    ...["--dest-authfile", to.authFile, "--dest-cert-dir", to.certificateDirectory],
    ...[source, `docker://${to.registry}/${repository}:${tag}`],
  ];
}
