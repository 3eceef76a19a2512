import { matchesGlob } from "node:path";
import { replicationPolicies } from "../../../environments/model/harbor.ts";
import type { Followed } from "../../deploy/followed.ts";
import type { Tag } from "../parity.ts";
import type { HarborClient } from "./client.ts";

/** All that a site's Harbor holds of some projects; without the tags that stay at their site. */
export async function imagesOf(harbor: HarborClient, projects: readonly string[], exceptTags?: string): Promise<Tag[]> {
  const stays = (tag: string): boolean => exceptTags !== undefined && matchesGlob(tag, exceptTags);
  const known = new Set((await harbor.projects()).map(({ name }) => name));
  const images: Tag[] = [];
  for (const project of projects.filter((name) => known.has(name)))
    for (const { name: repository } of await harbor.repositories(project))
      for (const { digest, tags } of await harbor.artifacts(project, repository.slice(project.length + 1))) {
        const names = tags.length === 0 ? [digest] : tags.map(({ name }) => name).filter((name) => !stays(name));
        images.push(...names.map((tag) => ({ repository, tag, digest })));
      }
  return images;
}

/** How far the other site's follows: what there was before the last whole run that succeeded began is there. */
export async function followedFrom(harbor: HarborClient): Promise<Followed> {
  const policy = (await harbor.replications()).find(({ name }) => name === replicationPolicies.all);
  if (!policy) return { until: undefined, problem: `there is no replication ${replicationPolicies.all}` };
  const ended = (await harbor.executions(policy.id)).filter(({ status }) => status !== "InProgress");
  const succeeded = ended.find(({ status }) => status === "Succeed");
  const [last] = ended;
  return {
    until: succeeded && Math.floor(Date.parse(succeeded.start_time) / 1000),
    problem:
      last && last !== succeeded ? `the last run: ${last.status}, ${last.failed} of ${last.total} images failed` : undefined,
  };
}
