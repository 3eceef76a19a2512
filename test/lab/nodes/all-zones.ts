import assert from "node:assert/strict";
import { test } from "node:test";
import { zoneLabel } from "../../../components/worker/worker.render.ts";
import { at, type Json } from "../../support/api-call.ts";
import { until } from "../../support/until.ts";
import { asked } from "../pods.ts";
import { first, npm, npmSucceeds, said, sites } from "../session.ts";
import { addedNode } from "./environment.ts";

// Pods in every zone.

test("every zone's workers are nodes of their site, each by its zone's label", async () => {
  assert.match(first.stdout, /52 of 52 hosts are well/);
  const nodes = at(await asked("get", "nodes"), "items") as readonly Json[];
  const found = nodes.map((node) => `${at(node, "metadata", "name")} ${at(node, "metadata", "labels", zoneLabel)}`);
  const [site] = sites.filter(({ name }) => name === "dc1");
  assert.ok(site);
  const workers = site.zones.flatMap(({ name, hosts }) =>
    hosts.filter(({ role }) => role === "worker").map((host) => `${host.name} ${name}`),
  );
  assert.deepEqual(found.toSorted(), [...workers, `${addedNode} platform`].toSorted());
});

test("all of it keeps within 14 GB of memory and, once it has come to rest, within one core", async (t) => {
  let usage = "";
  const used = async (): Promise<{ readonly cores: number; readonly mebibytes: number }> => {
    usage = await npmSucceeds("lab", "usage");
    const [, cores, mebibytes = ""] = /in all +│ +\d+ │ +([\d.]+) │ +([\d,]+)/.exec(usage) ?? [];
    return { cores: Number(cores), mebibytes: Number(mebibytes.replaceAll(",", "")) };
  };
  const began = performance.now();
  // What has just come up has still to settle.
  await until("it keeps within one core", async () => (await used()).cores <= 1, 600_000);
  const { mebibytes } = await used();
  t.diagnostic(`at rest after ${Math.round((performance.now() - began) / 1000)} s: ${usage}`);
  assert.ok(mebibytes > 1_000 && mebibytes < 14_000, usage);
});

test("between pods and hosts of all zones what the table permits passes, and nothing else", async () => {
  const outcome = await npm("lab", ["isolation", "--full"]);
  assert.equal(outcome.code, 0, said(outcome));
  for (const { name: site, zones } of sites)
    for (const { name } of zones) assert.match(outcome.stdout, new RegExp(`${site}-${name} pods`));
  assert.match(outcome.stdout, /0 leaks, 0 missing, 0 untried/);
});

test("a stack with a node is destroyed and made anew, and its node is the cluster's again", async () => {
  const stack = ["--stack", "lab-dc1-office"];
  await npmSucceeds("pulumi", "state", "unprotect", "--all", "--yes", ...stack);
  await npmSucceeds("pulumi", "destroy", "--yes", "--skip-preview", ...stack);
  const names = async (): Promise<string> => JSON.stringify(at(await asked("get", "nodes"), "items"));
  assert.doesNotMatch(await names(), /"name":"dc1-office-wk1"/);
  await npmSucceeds("up", "--platform", "lab", ...stack);
  assert.match(await names(), /"name":"dc1-office-wk1"/);
  assert.match(await npmSucceeds("drift"), /: no differences\n/);
});
