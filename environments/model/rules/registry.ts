import type { Problem } from "../errors.ts";
import { harborImageNames, registryImageNames } from "../schema/services.ts";
import type { Environment } from "../schema.ts";
import { versionOf } from "../upgrades.ts";

/** The registry runs from its flavor's images, and those of the other flavor would be updated without any effect. */
export function registryImageProblems({ flavors, images, machines }: Environment): Problem[] {
  const { registry } = flavors;
  if (registry === "harbor" && machines === "lab")
    return [
      {
        path: ["flavors", "registry"],
        what: "a lab has no images of Harbor",
        given: registry,
        allowed: "distribution",
        fix: "change it",
      },
    ];
  const missing = registryImageNames[registry].filter((name) => images[name] === undefined);
  const others = Object.entries(registryImageNames).filter(([flavor]) => flavor !== registry);
  return [
    ...missing.map((name) => ({
      path: ["images"],
      what: `flavors.registry is ${registry}, which needs the image ${name}`,
      given: "none",
      allowed: "<registry>/<repository>:<version>@sha256:<64 hexadecimal digits>",
      fix: `add images.${name}, or change flavors.registry`,
      absence: true,
    })),
    ...others.flatMap(([flavor, names]) =>
      names
        .filter((name) => images[name] !== undefined)
        .map((name) => ({
          path: ["images", name],
          what: `nothing runs from it: flavors.registry is ${registry}`,
          allowed: `with flavors.registry: ${flavor} only`,
          fix: "remove it, or change flavors.registry",
        })),
    ),
  ];
}

/** Harbor's parts are made for one another, and are updated together. */
export function harborVersionProblems({ images }: Environment): Problem[] {
  const versions = harborImageNames.flatMap((name) => {
    const version = versionOf(images[name] ?? "").text;
    return version === "" ? [] : [{ name, version }];
  });
  const [first] = versions;
  return versions
    .filter(({ version }) => version !== first?.version)
    .map(({ name, version }) => ({
      path: ["images", name],
      what: `another version of Harbor than images.${first?.name}`,
      given: version,
      allowed: first?.version ?? "",
      fix: "make all of Harbor's the same",
    }));
}

/** What Harbor's installer asks for, in GiB: https://goharbor.io/docs/2.13.0/install-config/installation-prereqs/ */
const harborMemoryGib = 8;

/** Each of Harbor's parts has its share of the host's memory, and is killed when it takes more. */
export function harborMemoryProblems({ flavors, machines, sizes }: Environment): Problem[] {
  const { memoryGib } = sizes.registry;
  if (flavors.registry !== "harbor" || machines === "lab" || memoryGib >= harborMemoryGib) return [];
  return [
    {
      path: ["sizes", "registry", "memoryGib"],
      what: "too little for all parts of Harbor",
      given: String(memoryGib),
      allowed: `at least ${harborMemoryGib}`,
      fix: "give the registry's hosts more, or change flavors.registry",
    },
  ];
}
