import { isDeepStrictEqual } from "node:util";
import type { DeclaredHarbor, DeclaredPolicy, DeclaredReplication } from "../../../environments/model/harbor.ts";
import { replicationAccount } from "../../../environments/model/registry.ts";
import type { RegistryRequest, ReplicationRequest } from "./api.ts";
import type { HarborClient } from "./client.ts";
import type { Change, Convergence } from "./convergence.ts";

/** The active site's Harbor sends to the other one's and nowhere else; the standby's sends nothing. */
export async function replicationConvergence(
  harbor: HarborClient,
  { replication }: DeclaredHarbor,
  how: Convergence,
  change: Change,
): Promise<void> {
  const found = await harbor.replications();
  const names = replication?.policies.map(({ name }) => name) ?? [];
  for (const policy of found.filter(({ enabled, name }) => enabled && !names.includes(name))) {
    const { id, ...rest } = policy;
    await change(`replication ${policy.name}: on, where nothing is replicated ${replication ? "by it" : "from"}`, () =>
      harbor.updateReplication(id, { ...rest, enabled: false }),
    );
  }
  if (!replication) return;
  const to = await destination(harbor, replication, how, change);
  // Without it there are no policies yet: they come with it.
  if (to === undefined) return;
  for (const policy of replication.policies) {
    const declared = requested(policy, to);
    const same = found.find(({ name }) => name === policy.name);
    if (!same) {
      await change(`replication ${policy.name}: missing`, () => harbor.createReplication(declared));
      continue;
    }
    const { id, dest_registry, trigger, ...rest } = same;
    const has = { ...rest, dest_registry: dest_registry && { id: dest_registry.id }, trigger: trimmed(trigger) };
    if (!isDeepStrictEqual(has, declared))
      await change(`replication ${policy.name}: ${has.enabled ? "otherwise than declared" : "off"}`, () =>
        harbor.updateReplication(id, declared),
      );
  }
}

/** Harbor gives an event's trigger settings that are empty. */
const trimmed = ({ type, trigger_settings }: ReplicationRequest["trigger"]): ReplicationRequest["trigger"] =>
  trigger_settings?.cron ? { type, trigger_settings: { cron: trigger_settings.cron } } : { type };

const requested = ({ name, trigger, filters, override, speed }: DeclaredPolicy, to: number): ReplicationRequest => ({
  ...{ name, enabled: true, override, speed, replicate_deletion: false, filters: [...filters] },
  ...{ dest_registry: { id: to }, trigger },
});

/** The other site's Harbor as this one knows it: its id, if there is one. */
async function destination(
  harbor: HarborClient,
  { to, url, account }: DeclaredReplication,
  { passwords, apply }: Convergence,
  change: Change,
): Promise<number | undefined> {
  const secret = passwords[replicationAccount];
  if (secret === undefined) throw new Error(`${replicationAccount}: the trust stack has no password for it`);
  const find = async () => (await harbor.registries()).find(({ name }) => name === to);
  const found = await find();
  if (found) {
    const same = found.url === url && !found.insecure && found.credential?.access_key === account && found.status !== "unhealthy";
    const login = { credential_type: "basic", access_key: account, access_secret: secret } as const;
    if (!same)
      await change(
        `destination ${to}: ${found.status === "unhealthy" ? "can't be reached or logged in to" : "otherwise than declared"}`,
        () => harbor.updateRegistry(found.id, { url, insecure: false, ...login }),
      );
    return found.id;
  }
  const request: RegistryRequest = {
    ...{ name: to, type: "harbor", url, insecure: false },
    credential: { type: "basic", access_key: account, access_secret: secret },
  };
  await change(`destination ${to}: missing`, () => harbor.createRegistry(request));
  return apply ? (await find())?.id : undefined;
}
