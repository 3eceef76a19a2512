import assert from "node:assert/strict";
import { after, test } from "node:test";
import { databasePaths } from "../../../components/database/cluster.render.ts";
import type { Host } from "../../../environments/model/topology.ts";
import { serviceName } from "../../../scripts/lab/failover/faults.ts";
import type { Session } from "../../../scripts/lab/failover/session.ts";
import { until } from "../../support/until.ts";
import { kubectl, kubectlSays } from "../kubectl.ts";
import { hasReady, lives, namespace, placeSample, pods, removeSample } from "../pods.ts";
import { docker, lab, npm, npmSucceeds, said } from "../session.ts";
import { wellAgain, withCore } from "./session.ts";

// What a backup is for: the Kubernetes API as it was, in a cluster that serves and in one that lost all of its data. Pods do not notice.

const site = ["--platform", "lab", "--site", "dc1"] as const;
const keep = (name: string): Promise<string> => kubectl("create", "configmap", name, "--namespace", namespace);
const isKept = async (name: string): Promise<boolean> =>
  (await kubectlSays(["get", "configmap", name, "--namespace", namespace])).code === 0;

/** Until when the binary logs reach. */
async function restorableUntil(): Promise<number> {
  const { stdout } = await npm("database", ["status", ...site]);
  return Date.parse(/Can be restored to any second from \S+ to (\S+),/.exec(stdout)?.[1] ?? "");
}

/** Nothing was started again, and what is changed now reaches scheduler, controllers and the node. */
async function goesOn(core: Session, before: readonly string[]): Promise<void> {
  await wellAgain(core, 240);
  assert.deepEqual(await lives(), before);
  await kubectl("scale", "deployment/sample", "--replicas=3", "--namespace", namespace);
  await until("a third pod is ready", async () => (await pods()).filter(hasReady).length === 3, 120_000);
  await kubectl("scale", "deployment/sample", "--replicas=2", "--namespace", namespace);
  await until("it is gone", async () => (await pods()).length === 2, 120_000);
  assert.match(await npmSucceeds("up", "--platform", "lab", "--stack", "lab-dc1"), /nothing to change/);
  assert.match(await npmSucceeds("drift", "--stack", "lab-dc1"), /: no differences\n/);
}

after(removeSample);

test("a restore to a time gives the API what it knew then, and nothing of what came later; pods keep their containers and changes reach them", async (t) => {
  await withCore("dc1", async (core) => {
    await wellAgain(core);
    await placeSample();
    const before = await lives();
    await keep("kept");
    const time = Math.floor(Date.now() / 1000) * 1000 + 1000;
    await until("that second is over", async () => Date.now() > time + 1500);
    await keep("later");
    await until("the binary logs reach that time", async () => (await restorableUntil()) >= time, 60_000);
    const to = new Date(time).toISOString().replace(".000", "");
    const restored = await npm("database", ["restore", ...site, "--to", to, "--into-cluster", "--yes"]);
    assert.equal(restored.code, 0, said(restored));
    const at = (words: string): number => Number(new RegExp(`^ *([\\d.]+) s {2}${words}`, "m").exec(restored.stderr)?.[1]);
    t.diagnostic(`the API stood still for ${(at("every API server is ready") - at("stops the control plane")).toFixed(0)} s`);
    assert.match(restored.stdout, /What it knew until now is in table kubernetes\.kine_until_\d{8}T\d{6}Z/);
    assert.deepEqual([await isKept("kept"), await isKept("later")], [true, false]);
    await goesOn(core, before);
  });
});

/** All that a database node stores is gone. */
async function wipe(host: Host): Promise<void> {
  const { Image, Mounts } = await docker.getContainer(serviceName(lab, host, "database")).inspect();
  const volume = Mounts.find(({ Destination }) => Destination === databasePaths.data)?.Name ?? "";
  const [, container] = (await docker.run(Image, ["-c", "find /wiped -mindepth 1 -delete"], process.stderr, {
    Entrypoint: ["sh"],
    User: "0",
    Labels: { "tandem.lab": lab.id },
    HostConfig: { NetworkMode: "none", Binds: [`${volume}:/wiped`] },
  })) as [unknown, { remove: () => Promise<void> }];
  await container.remove();
}

test("a database that lost all data of all nodes is filled from the backups by one command, up to the last seconds, as the cluster that it was", async () => {
  await withCore("dc1", async (core) => {
    await wellAgain(core);
    const before = await lives();
    await keep("last");
    const time = Date.now();
    await until("the binary logs reach that time", async () => (await restorableUntil()) >= time, 60_000);
    const { databases } = core.place;
    const servers = databases.map((host) => docker.getContainer(serviceName(lab, host, "database")));
    await Promise.all(servers.map((server) => server.kill()));
    await Promise.all(databases.map(wipe));
    await Promise.all(servers.map((server) => server.start()));
    const says = async (): Promise<string> => (await npm("database", ["status", ...site])).stdout;
    await until("all nodes say that they have no data", async () => (await says()).match(/│ has no data/g)?.length === 3, 60_000);
    await npmSucceeds("database", "restore", ...site, "--to", "latest", "--into-cluster", "--yes");
    assert.deepEqual([await isKept("kept"), await isKept("last")], [true, true]);
    await goesOn(core, before);
    await npmSucceeds("database", "status", ...site);
  });
});
