import { isDeepStrictEqual } from "node:util";
import type { DeclaredAccount, DeclaredHarbor, DeclaredProject } from "../../../environments/model/harbor.ts";
import { robotPrefix } from "../../../environments/model/registry.ts";
import { UserError } from "../../console/errors.ts";
import type { RobotRequest } from "./api.ts";
import type { HarborClient } from "./client.ts";
import { ending, sending } from "./replication.ts";
import { immutableRule, retention } from "./rules.ts";

// What a site's Harbor has otherwise than declared, and what makes it so. What is not declared is left alone: projects and accounts that a person made.

export interface Convergence {
  /** By account: the same at both sites. */
  readonly passwords: Readonly<Record<string, string>>;
  readonly now: Date;
  /** Changes what is otherwise; only says it where not. */
  readonly apply: boolean;
}

/** One thing that is otherwise: says it, and makes it so where that is wanted. */
export type Change = (says: string, make: () => Promise<unknown>) => Promise<void>;

/** All that is otherwise, or was. Replication the other way is ended first, and what it needs begins last. */
export async function converge(harbor: HarborClient, declared: DeclaredHarbor, how: Convergence): Promise<string[]> {
  const said: string[] = [];
  const change: Change = async (says, make) => {
    said.push(says);
    if (how.apply) await make();
  };
  await ending(harbor, declared, change);
  await system(harbor, declared, change);
  for (const project of declared.projects) await projectConvergence(harbor, project, how, change);
  await accounts(harbor, declared, how, change);
  await sending(harbor, declared, how, change);
  return said;
}

async function system(harbor: HarborClient, { system: declared }: DeclaredHarbor, change: Change): Promise<void> {
  const found = await harbor.configuration();
  const other = Object.entries(declared).filter(([name, value]) => found[name]?.value !== value);
  for (const [name, value] of other)
    await change(`setting ${name}: ${found[name]?.value ?? "none"} instead of ${value}`, () =>
      harbor.configure({ [name]: value }),
    );
}

async function projectConvergence(
  harbor: HarborClient,
  declared: DeclaredProject,
  { apply }: Convergence,
  change: Change,
): Promise<void> {
  const { name, metadata, quotaBytes } = declared;
  const find = async () => (await harbor.projects()).find((project) => project.name === name);
  let found = await find();
  if (!found) {
    await change(`project ${name}: missing`, () =>
      harbor.createProject({ project_name: name, metadata, storage_limit: quotaBytes }),
    );
    // What belongs to it comes with it.
    if (!apply) return;
    found = await find();
    if (!found) throw new Error(`${name}: Harbor made no such project`);
  }
  const { project_id: id, metadata: has } = found;
  const otherwise = Object.entries(metadata).filter(([key, value]) => has[key] !== value);
  if (otherwise.length > 0)
    await change(
      `project ${name}: ${otherwise.map(([key, value]) => `${key} ${has[key] ?? "none"} instead of ${value}`).join(", ")}`,
      () => harbor.updateProject(id, { project_name: name, metadata }),
    );
  const quota = (await harbor.quotas()).find(({ ref }) => ref.name === name);
  if (!quota) throw new UserError(`project ${name}: Harbor shows no quota of it; look at Project Quotas in its administration`);
  if (quota.hard.storage !== quotaBytes)
    await change(`project ${name}: quota ${gib(quota.hard.storage)} instead of ${gib(quotaBytes)}`, () =>
      harbor.updateQuota(quota.id, quotaBytes),
    );
  await retentionConvergence(harbor, declared, id, has["retention_id"], change);
  await immutability(harbor, declared, id, change);
}

const gib = (bytes: number): string => (bytes < 0 ? "none" : `${Math.round((bytes / 1024 ** 3) * 10) / 10} GiB`);

async function retentionConvergence(
  harbor: HarborClient,
  { name, keep }: DeclaredProject,
  project: number,
  of: string | undefined,
  change: Change,
): Promise<void> {
  const declared = retention(project, keep);
  if (of === undefined) {
    await change(`project ${name}: no retention`, () => harbor.createRetention(declared));
    return;
  }
  if (!isDeepStrictEqual(await harbor.retention(Number(of)), declared))
    await change(`project ${name}: another retention than declared`, () => harbor.updateRetention(Number(of), declared));
}

async function immutability(
  harbor: HarborClient,
  { name, immutableTags }: DeclaredProject,
  project: number,
  change: Change,
): Promise<void> {
  const declared = immutableTags === undefined ? undefined : immutableRule(immutableTags);
  const found = await harbor.immutableRules(project);
  const same = found.find(({ id: _, ...rule }) => declared && isDeepStrictEqual(rule, declared));
  if (declared && !same)
    await change(`project ${name}: tags ${immutableTags} can be pushed again`, () =>
      harbor.createImmutableRule(project, declared),
    );
  // One that is not declared could refuse what replication brings.
  for (const rule of found.filter((each) => each !== same))
    await change(
      `project ${name}: tags ${rule.tag_selectors.map(({ pattern }) => pattern).join(", ")} are immutable, which is not declared`,
      () => harbor.deleteImmutableRule(project, rule.id),
    );
}

async function accounts(harbor: HarborClient, declared: DeclaredHarbor, how: Convergence, change: Change): Promise<void> {
  const found = await harbor.robots();
  for (const account of declared.accounts) {
    const robot = found.find(({ name }) => name === robotPrefix + account.name);
    const password = how.passwords[account.name];
    if (password === undefined) throw new Error(`${account.name}: the trust stack has no password for it`);
    if (!robot) {
      await change(`account ${account.name}: missing`, async () => {
        // Harbor makes up a password of its own first.
        const id = await harbor.createRobot({ ...requested(account, account.lifetimeDays), name: account.name });
        await harbor.setRobotSecret(id, password);
      });
      continue;
    }
    const age = Math.ceil((how.now.getTime() - Date.parse(robot.creation_time)) / dayMs);
    const left = robot.expires_at === -1 ? Number.POSITIVE_INFINITY : (robot.expires_at * 1000 - how.now.getTime()) / dayMs;
    const problems = [
      ...(left > account.lifetimeDays + 1 ? ["does not end in time"] : []),
      ...(left < account.renewDays ? [left < 0 ? "has ended" : `ends in ${Math.floor(left)} days`] : []),
      ...(robot.disable ? ["is disabled"] : []),
      ...(isDeepStrictEqual(sorted(robot.permissions), sorted(account.permissions)) ? [] : ["has other rights than declared"]),
    ];
    // Its end is counted from its beginning.
    if (problems.length > 0)
      await change(`account ${account.name}: ${problems.join(", ")}`, () =>
        harbor.updateRobot(robot.id, requested(account, age + account.lifetimeDays)),
      );
    const usable = left >= 0 && !robot.disable;
    if ((usable || how.apply) && !(await harbor.canLogIn(robotPrefix + account.name, password)))
      await change(`account ${account.name}: another password than the trust stack's`, () =>
        harbor.setRobotSecret(robot.id, password),
      );
  }
}

const dayMs = 24 * 3600 * 1000;

const requested = ({ name, permissions }: DeclaredAccount, duration: number): RobotRequest => ({
  ...{ name: robotPrefix + name, description: "Managed by Tandem", level: "system", disable: false },
  ...{ duration, permissions: permissions.map(({ access, ...of }) => ({ ...of, access: [...access] })) },
});

/** Harbor gives rights in no certain order. */
const sorted = (permissions: DeclaredAccount["permissions"]): string[] =>
  permissions
    .flatMap(({ kind, namespace, access }) => access.map(({ resource, action }) => `${kind} ${namespace} ${resource} ${action}`))
    .toSorted();
