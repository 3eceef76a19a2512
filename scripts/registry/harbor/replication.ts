import { isDeepStrictEqual } from "node:util";
import type { DeclaredDestination, DeclaredHarbor, DeclaredPolicy } from "../../../environments/model/harbor.ts";
import { replicationAccount } from "../../../environments/model/registry.ts";
import { UserError } from "../../console/errors.ts";
import type { ReplicationRequest } from "./api.ts";
import type { HarborClient } from "./client.ts";
import type { Change, Convergence } from "./convergence.ts";

/** Nothing is sent but by what is declared: of a standby, nothing. */
export async function ending(harbor: HarborClient, { policies }: DeclaredHarbor, change: Change): Promise<void> {
  const names = policies.map(({ name }) => name);
  for (const policy of await harbor.replications())
    if (policy.enabled && !names.includes(policy.name))
      await change(`replication ${policy.name}: on, which is not declared`, () =>
        harbor.updateReplication(policy.id, { ...policy, enabled: false }),
      );
}

/** The active site's Harbor sends to the other one's. */
export async function sending(
  harbor: HarborClient,
  { destination, policies }: DeclaredHarbor,
  how: Convergence,
  change: Change,
): Promise<void> {
  const to = destination && (await destinationOf(harbor, destination, how, change));
  // Without it there are no policies yet: they come with it.
  if (to === undefined) return;
  const found = await harbor.replications();
  for (const policy of policies) {
    const declared = requested(policy, to);
    const same = found.find(({ name }) => name === policy.name);
    if (!same) {
      await change(`replication ${policy.name}: missing`, () => harbor.createReplication(declared));
      continue;
    }
    const { name, enabled, filters, override, replicate_deletion, speed, dest_registry, trigger } = same;
    // Harbor gives an event's trigger settings that are empty.
    const cron = trigger?.trigger_settings?.cron;
    const has = {
      ...{ name, enabled, filters, override, replicate_deletion, speed, dest_registry: { id: dest_registry?.id } },
      trigger: { type: trigger?.type, ...(cron && { trigger_settings: { cron } }) },
    };
    if (!isDeepStrictEqual(has, declared))
      await change(`replication ${name}: ${enabled ? "otherwise than declared" : "off"}`, () =>
        harbor.updateReplication(same.id, declared),
      );
  }
}

const requested = ({ name, trigger, filters, override, speed }: DeclaredPolicy, to: number): ReplicationRequest => ({
  ...{ name, enabled: true, override, speed, replicate_deletion: false, filters: [...filters] },
  ...{ dest_registry: { id: to }, trigger },
});

/** The other site's Harbor as this one knows it: its id, if there is one. This one refuses to know one that it can't log in to, which after a disaster is no reason to stop. */
async function destinationOf(
  harbor: HarborClient,
  { name, url, account }: DeclaredDestination,
  { passwords }: Convergence,
  change: Change,
): Promise<number | undefined> {
  const password = passwords[replicationAccount];
  if (password === undefined) throw new Error(`${replicationAccount}: the trust stack has no password for it`);
  const find = async () => (await harbor.registries()).find((registry) => registry.name === name);
  const found = await find();
  const login = { access_key: account, access_secret: password };
  if (!found) {
    await change(`destination ${name}: missing`, () =>
      whereReached(
        harbor.createRegistry({ name, type: "harbor", url, insecure: false, credential: { type: "basic", ...login } }),
      ),
    );
    return (await find())?.id;
  }
  const isDeclared = found.url === url && !found.insecure && found.credential?.access_key === account;
  if (!isDeclared || found.status === "unhealthy")
    await change(`destination ${name}: ${isDeclared ? "can't be reached, or logged in to" : "otherwise than declared"}`, () =>
      whereReached(harbor.updateRegistry(found.id, { url, insecure: false, credential_type: "basic", ...login })),
    );
  return found.id;
}

const whereReached = (request: Promise<void>): Promise<void> =>
  request.catch((error: unknown) => {
    if (!(error instanceof UserError)) throw error;
  });
