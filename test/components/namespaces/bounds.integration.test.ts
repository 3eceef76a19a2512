import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { containerDefaults, quotaOf } from "../../../components/namespaces/bounds.render.ts";
import type { Host } from "../../../environments/model/topology.ts";
import { type ApiAnswer, type ApiCall, at, callerOf, type Json, restrictedContainer } from "../../support/api-call.ts";
import { startControlPlane, type TestControlPlane } from "../../support/control-plane.ts";
import { until } from "../../support/until.ts";

// The real API server and controllers on what bounds a namespace. Nothing runs: no node is there.

const namespace = "policy";
const core = `/api/v1/namespaces/${namespace}`;
/** One worker: the applications' share of it is 750m and 768Mi. */
const worker = { size: { cpus: 1, memoryGib: 1 } } as Host;

let plane: TestControlPlane;
let api: ApiCall;

before(async () => {
  plane = await startControlPlane();
  const caller = callerOf(plane);
  ({ api } = caller);
  await caller.create("/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
  const bounds: Json[] = [
    { kind: "ResourceQuota", spec: { hard: quotaOf([worker], "applications", 1) } },
    { kind: "LimitRange", spec: { limits: [containerDefaults] } },
  ];
  for (const each of bounds)
    await caller.create(`${core}/${String(each["kind"]).toLowerCase()}s`, {
      apiVersion: "v1",
      metadata: { name: "zone" },
      ...each,
    });
  const isThere = async (path: string, ...keys: string[]): Promise<boolean> => at((await api(path)).body, ...keys) !== undefined;
  await until("the quota is counted", () => isThere(`${core}/resourcequotas/zone`, "status", "used"), 30_000);
  await until("pods can be made", () => isThere(`${core}/serviceaccounts/default`, "metadata", "uid"), 30_000);
});
after(() => plane?.stop());

const pod = (name: string, resources: object = {}): Promise<ApiAnswer> =>
  api(`${core}/pods`, {
    method: "POST",
    body: { apiVersion: "v1", kind: "Pod", metadata: { name }, spec: { containers: [{ ...restrictedContainer, resources }] } },
  });
const service = (name: string, ports: readonly number[]): Promise<ApiAnswer> =>
  api(`${core}/services`, {
    method: "POST",
    body: {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name },
      spec: { type: "NodePort", ports: ports.map((port) => ({ name: `p${port}`, port })) },
    },
  });

test("a container that asks for nothing gets the zone's defaults, and no limit of processor time", async () => {
  const { status, body, text } = await pod("modest");
  assert.equal(status, 201, text);
  assert.deepEqual(at(body, "spec", "containers", 0, "resources"), {
    limits: { memory: "128Mi" },
    requests: { cpu: "20m", memory: "64Mi" },
  });
});

test("more memory or processor time than the applications' share of the workers is refused, with what is used and allowed", async () => {
  const large = await pod("large", { requests: { memory: "700Mi" }, limits: { memory: "700Mi" } });
  assert.equal(large.status, 403);
  assert.match(
    large.text,
    /exceeded quota: zone, requested: limits\.memory=700Mi, used: limits\.memory=128Mi, limited: limits\.memory=768Mi/,
  );
  assert.match(
    (await pod("busy", { requests: { cpu: "800m" } })).text,
    /requested: requests\.cpu=800m.*limited: requests\.cpu=750m/,
  );
});

test("services take no more ports of nodes than the table of flows has for the zone", async () => {
  assert.match((await service("two", [80, 81])).text, /exceeded quota: zone, requested: services\.nodeports=2/);
  assert.equal((await service("one", [80])).status, 201);
  assert.match(
    (await service("another", [80])).text,
    /exceeded quota: zone, requested: services\.nodeports=1, used: services\.nodeports=1/,
  );
});
