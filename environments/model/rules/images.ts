import type { Problem } from "../errors.ts";
import type { Environment } from "../schema.ts";
import { versionOf } from "../upgrades.ts";

/** In production an image is what was tested: a tag can be moved, a digest cannot. */
export function imageDigestProblems(environment: Environment): Problem[] {
  if (environment.stage !== "production") return [];
  return Object.entries(environment.images)
    .filter(([, image]) => !image.includes("@sha256:"))
    .map(([name, image]) => ({
      path: ["images", name],
      what: "an image without digest in production",
      given: image,
      allowed: "<registry>/<repository>:<version>@sha256:<64 hexadecimal digits>",
      fix: "add the digest that the registry shows for this version",
    }));
}

/** The control plane's images are those of the Kubernetes version that the file names. */
export function imageVersionProblems(environment: Environment): Problem[] {
  const { version } = environment.kubernetes;
  return Object.entries(environment.images).flatMap(([name, image]): Problem[] => {
    const { numbers } = versionOf(image);
    const given = numbers.join(".");
    if (!name.startsWith("kube-") || numbers.length !== 3 || given === version) return [];
    return [
      {
        path: ["images", name],
        what: "another version than kubernetes.version",
        given,
        allowed: version,
        fix: "make both the same",
      },
    ];
  });
}
