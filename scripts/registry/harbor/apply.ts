import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { setDefaultCACertificates } from "node:tls";
import type { DeclaredHarbor } from "../../../environments/model/harbor.ts";
import { main, UserError } from "../../console/errors.ts";
import { HarborClient, type HarborLogin } from "./client.ts";
import { converge } from "./convergence.ts";

// What an `up` runs (components/registry/harbor/harbor-policies.ts): makes a site's Harbor as it is declared in the variable TANDEM_HARBOR, with the secrets of its input.

export interface ApplySecrets {
  readonly login: HarborLogin;
  /** PEM, one by one. */
  readonly authorities: readonly string[];
  /** By account. */
  readonly passwords: Readonly<Record<string, string>>;
}

/** As long as its database may take to come up to a new version. */
const healthyWithinMs = 10 * 60_000;

async function untilHealthy(client: HarborClient): Promise<void> {
  const deadline = Date.now() + healthyWithinMs;
  let waitedFor: string | undefined;
  for (;;) {
    const said = await client.health().then(
      ({ status, components }) =>
        status === "healthy"
          ? undefined
          : `not healthy: ${components.flatMap(({ name, status: its }) => (its === "healthy" ? [] : [name])).join(", ")}`,
      (error: unknown) => {
        if (!(error instanceof UserError)) throw error;
        return error.message;
      },
    );
    if (said === undefined) return;
    if (Date.now() > deadline) throw new UserError(said);
    if (said !== waitedFor) process.stderr.write(`waiting for Harbor: ${said}\n`);
    waitedFor = said;
    await delay(2000);
  }
}

await main(async () => {
  const declared = JSON.parse(process.env["TANDEM_HARBOR"] ?? "") as DeclaredHarbor;
  const { login, authorities, passwords } = JSON.parse(await text(process.stdin)) as ApplySecrets;
  if (authorities.length > 0) setDefaultCACertificates([...authorities]);
  const client = new HarborClient(login);
  await untilHealthy(client);
  const said = await converge(client, declared, { passwords, now: new Date(), apply: true });
  process.stdout.write(said.map((what) => `${what}\n`).join(""));
  return 0;
});
