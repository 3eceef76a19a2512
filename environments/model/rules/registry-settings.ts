import type { Problem } from "../errors.ts";
import type { Environment } from "../schema.ts";

/** What only Harbor can do is declared where there is Harbor, and all that it needs is there. */
export function registryFlavorProblems({ flavors, registry, machines }: Environment): Problem[] {
  const { replication, projects, accounts } = registry;
  const settings = [
    { path: ["registry", "replication", "overwrites"], value: replication.overwrites, needed: true },
    { path: ["registry", "replication", "mbitPerSecond"], value: replication.mbitPerSecond, needed: false },
    { path: ["registry", "replication", "exceptTags"], value: replication.exceptTags, needed: false },
    { path: ["registry", "projects"], value: projects, needed: true },
    { path: ["registry", "accounts"], value: accounts, needed: true },
  ];
  if (flavors.registry === "harbor") {
    // Which is said of the flavor.
    if (machines === "lab") return [];
    return settings
      .filter(({ value, needed }) => needed && value === undefined)
      .map(({ path }) => ({
        path: path.slice(0, -1),
        what: `flavors.registry: harbor without ${path.at(-1)}`,
        fix: `add ${path.join(".")}; environments/reference.yaml has an example`,
        absence: true,
      }));
  }
  return settings
    .filter(({ value }) => value !== undefined)
    .map(({ path }) => ({
      path,
      what: "a setting that only Harbor has",
      given: `flavors.registry: ${flavors.registry}`,
      allowed: "flavors.registry: harbor",
      fix: "remove it, or change the flavor",
    }));
}

/** An account has a time in which it is not renewed. */
export function registryAccountProblems({ registry: { accounts } }: Environment): Problem[] {
  if (!accounts || accounts.renewDays < accounts.lifetimeDays) return [];
  return [
    {
      path: ["registry", "accounts", "renewDays"],
      what: "it would be renewed every time",
      given: String(accounts.renewDays),
      allowed: `less than lifetimeDays, ${accounts.lifetimeDays}`,
      fix: "about a sixth of lifetimeDays",
    },
  ];
}

/** The standby's registry would refuse what replication sends: a tag that is pushed once is nowhere overwritten. */
export function immutableTagProblems({ registry: { replication, projects } }: Environment): Problem[] {
  if (!replication.overwrites || projects?.immutableTags === undefined) return [];
  return [
    {
      path: ["registry", "replication", "overwrites"],
      what: `tags that match registry.projects.immutableTags, ${projects.immutableTags}, can't be overwritten at the standby site either`,
      given: "true",
      allowed: "false with immutable tags",
      fix: "set it to false, or remove immutableTags",
    },
  ];
}
