import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { type Deployment, opened, resourcesOf, type StateResource } from "../../../scripts/deploy/deployment.ts";
import { now } from "../../../scripts/lab/failover/records.ts";
import { leaseRecords, objectRecords } from "../../../scripts/lab/failover/session.ts";
import type { Page } from "../../../scripts/review/page.ts";
import { commitAll } from "../../support/repository.ts";
import { until } from "../../support/until.ts";
import { editEnvironment, toggleChangeOfAllMembers } from "../environment.ts";
import { reviewed } from "../reviewing.ts";
import { npmSucceeds, own } from "../session.ts";
import { longestOutage, wellAgain, withClients, withCore } from "./session.ts";

interface Change {
  readonly what: string;
  readonly stack: string;
  readonly edit: () => void;
  /** Services that start again. */
  readonly restarts: readonly string[];
}

const changes: readonly Change[] = [
  {
    what: "a setting of all database nodes and API servers",
    stack: "lab-dc2",
    edit: toggleChangeOfAllMembers,
    restarts: ["database", "kube-apiserver"],
  },
  {
    what: "balancers with another processor",
    stack: "lab-dc2",
    edit: () => editEnvironment("balancer: { cpus: 1,", "balancer: { cpus: 2,"),
    restarts: ["haproxy", "keepalived"],
  },
  {
    what: "a time server of all hosts",
    stack: "lab-dc2-platform",
    edit: () => editEnvironment(/^(time: .*servers: )\[\]/m, "$1[192.0.2.30]"),
    restarts: [],
  },
];

async function resourcesNow(stack: string): Promise<Map<string, StateResource>> {
  const state = JSON.parse(await npmSucceeds("pulumi", "stack", "export", "--show-secrets", "--stack", stack)) as Deployment;
  return new Map(resourcesOf(state).map((resource) => [resource.urn, resource]));
}

/** What became of each resource, as a review says what will. */
function whatHappened(old: ReadonlyMap<string, StateResource>, current: ReadonlyMap<string, StateResource>): string[] {
  const urns = [...new Set([...old.keys(), ...current.keys()])];
  return urns
    .flatMap((urn) => {
      const [was, is] = [old.get(urn), current.get(urn)];
      if (!was) return [`create ${urn}`];
      if (!is) return [`delete ${urn}`];
      if (was.id !== is.id) return [`replace ${urn}`];
      return JSON.stringify(opened(was.inputs)) === JSON.stringify(opened(is.inputs)) ? [] : [`update ${urn}`];
    })
    .sort();
}

/** The longest that a page predicts for a client, whichever service starts again; none where it predicts nothing. */
const predicted = ({ restarts }: Page, client: string): number | undefined =>
  restarts
    .flatMap(({ outages }) => outages)
    .filter((outage) => outage.client === client)
    .map(({ seconds }) => seconds)
    .toSorted((a, b) => b - a)[0];

for (const { what, stack, edit, restarts } of changes)
  test(`${what}: a review without the state plans what one with it does, and the up does that and nothing else`, async (t) => {
    commitAll(own.checkout);
    edit();
    const [fromBase, fromState] = [await reviewed("base", [stack]), await reviewed("state", [stack])];
    assert.deepEqual(fromBase.page.approval.stacks, fromState.page.approval.stacks);
    const { page, approved } = fromState;
    assert.deepEqual(
      restarts.filter((service) => !page.restarts.some((each) => each.service === service)),
      [],
    );
    await withCore("dc2", async (core) => {
      await wellAgain(core);
      const old = await resourcesNow(stack);
      await withClients(core, `reviewed-${changes.findIndex((each) => each.what === what)}`, async (clients) => {
        await until("the controllers' usual wait is known", () => leaseRecords(clients).length > 3, 60_000);
        const from = now();
        await npmSucceeds("up", "--platform", "lab", "--stack", stack, ...approved);
        await wellAgain(core);
        const seen = { rows: clients.rows.lines, objects: objectRecords(clients), controllers: leaseRecords(clients) };
        for (const [client, records] of Object.entries(seen))
          say(t, client, predicted(page, client), longestOutage(records, from));
      });
      const planned = (page.approval.stacks[stack] ?? []).map(({ op, urn }) => `${op} ${urn}`).sort();
      assert.deepEqual(whatHappened(old, await resourcesNow(stack)), planned);
    });
  });

/** How long it took depends on what else the machine does: said, and not judged. */
const say = (t: TestContext, client: string, most: number | undefined, seen: number): void =>
  t.diagnostic(`${client}: predicted ${most?.toFixed(1) ?? "nothing"}, seen ${seen.toFixed(1)}`);
