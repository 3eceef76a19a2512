import type { RegistryProjects } from "../../../environments/model/registry-settings.ts";
import type { ImmutableRule, Retention } from "./api.ts";

// Rules of a project's images as Harbor writes them: https://goharbor.io/docs/main/working-with-projects/working-with-images/

const selector = (decoration: string, pattern: string) => ({ kind: "doublestar", decoration, pattern });
const allRepositories = { repository: [selector("repoMatches", "**")] };

/** Each night, at 2 o'clock: an image stays that any of the rules keeps. */
export const retention = (project: number, { newest, days }: RegistryProjects["keep"]): Retention => {
  const rule = (template: string, number: number): Retention["rules"][number] => ({
    ...{ action: "retain", template, params: { [template]: number } },
    tag_selectors: [{ ...selector("matches", "**"), extras: '{"untagged":true}' }],
    ...{ scope_selectors: allRepositories, disabled: false },
  });
  return {
    algorithm: "or",
    rules: [rule("latestPushedK", newest), rule("nDaysSinceLastPush", days), rule("nDaysSinceLastPull", days)],
    trigger: { kind: "Schedule", settings: { cron: "0 0 2 * * *" } },
    scope: { level: "project", ref: project },
  };
};

export const immutableRule = (tags: string): ImmutableRule => ({
  ...{ action: "immutable", template: "immutable_template", disabled: false },
  ...{ scope_selectors: allRepositories, tag_selectors: [selector("matches", tags)] },
});
