import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { request } from "node:https";
import { test } from "node:test";
import { serverUrl } from "../../../components/control-plane/cluster.render.ts";
import { ApiClient } from "../../../scripts/toolchain/plugins/kubernetes/client.ts";
import { readKubeconfig } from "../../../scripts/toolchain/plugins/kubernetes/kubeconfig.ts";
import type { TrustOutputs } from "../../../stacks/upstream.ts";
import { until } from "../../support/until.ts";
import { npm, npmSucceeds, sites } from "../session.ts";
import { outputsOf, query, wellAgain, withCore, writerOf } from "./session.ts";

/** What `GET /readyz` says to nobody in particular who believes one authority only. */
const readyz = (address: string, ca: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const options = { ca, agent: false, signal: AbortSignal.timeout(5000) };
    const asked = request(`${serverUrl(address)}/readyz`, options, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (part: string) => {
        text += part;
      });
      response.on("end", () => resolve(`${response.statusCode} ${text}`));
    });
    asked.on("error", reject);
    asked.end();
  });

test("on both sites all database nodes serve, one of them writes, each VIP is held once and every API server is ready", async () => {
  for (const { name } of sites) await withCore(name, (core) => wellAgain(core, 60));
});

test("each site's database is backed up, by what its own program says of it", async () => {
  for (const { name } of sites) {
    const status = async (): Promise<boolean> =>
      (await npm("database", ["status", "--platform", "lab", "--site", name])).code === 0;
    await until(`${name} is backed up`, status, 180_000);
  }
});

test("the API answers at its VIP with a certificate of the platform's authority, and an object written there is in every database node", async () => {
  const { authorities } = await outputsOf<TrustOutputs>("lab-trust");
  const [platform = "", other = ""] = [authorities.platform, authorities["kubernetes-dc1"]].map((all) => all?.[0]?.certificate);
  for (const { name } of sites)
    await withCore(name, async ({ place, credentials }) => {
      assert.equal(await readyz(place.apiVip.address, platform), "200 ok");
      await assert.rejects(readyz(place.apiVip.address, other), /unable to (get|verify)/);

      const api = new ApiClient(readKubeconfig(credentials.kubeconfig));
      const object = `written-${randomBytes(4).toString("hex")}`;
      const planted = randomBytes(24).toString("hex");
      const path = "/api/v1/namespaces/default";
      const signal = AbortSignal.timeout(60_000);
      const metadata = { name: object };
      for (const [kind, plural] of [
        ["ConfigMap", "configmaps"],
        ["Secret", "secrets"],
      ] as const) {
        const data = { planted: kind === "Secret" ? Buffer.from(planted).toString("base64") : planted };
        await api.call(`${path}/${plural}`, { method: "POST", body: { apiVersion: "v1", kind, metadata, data }, signal });
        for (const node of place.databases) {
          const count = `SELECT COUNT(*), SUM(INSTR(value, '${planted}') > 0) FROM kubernetes.kine WHERE name = '/registry/${plural}/default/${object}'`;
          await until(
            `${node.name} has the ${kind}, ${kind === "Secret" ? "encrypted" : "in plain text"}`,
            async () => (await query(node, count)) === (kind === "Secret" ? "1\t0" : "1\t1"),
          );
        }
        await api.call(`${path}/${plural}/${object}`, { method: "DELETE", signal });
      }
    });
});

test("a second writer is not possible: a node that was opened for writing by hand is closed again at once", async () => {
  await withCore("dc2", async (core) => {
    const writer = await writerOf(core);
    const [other] = core.place.databases.filter(({ name }) => name !== writer.name);
    assert.ok(other);
    await query(other, "SET GLOBAL read_only = OFF");
    await until(`${other.name} takes no writes`, async () => (await query(other, "SELECT @@global.read_only")) === "1", 5000);
    assert.ok(core.watch.lines.every(({ writers }) => writers.length <= 1));
    assert.equal((await writerOf(core)).name, writer.name);
  });
});

test("the engine finds the core's containers as they were declared", async () => {
  await npmSucceeds("pulumi", "refresh", "--preview-only", "--expect-no-changes", "--stack", "lab-dc2");
});
