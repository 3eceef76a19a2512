import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { stringify } from "yaml";
import { controlPlaneCluster } from "../../../components/control-plane/cluster.render.ts";
import { quotaOf } from "../../../components/namespaces/bounds.render.ts";
import { dnsDeployment, renderCorefile } from "../../../components/namespaces/name-service.render.ts";
import { applicationPolicies, systemPolicies } from "../../../components/namespaces/policies.render.ts";
import { nameServerOf } from "../../../components/network/zone-names.render.ts";
import { platformNetworks } from "../../../environments/model/flows/party.ts";
import { type FlowRow, flowTable } from "../../../environments/model/flows/table.ts";
import { loadEnvironment, platforms } from "../../../environments/model/load.ts";
import type { Flow, Topology, Zone } from "../../../environments/model/topology.ts";
import { topologyOf } from "../../../environments/model/topology-of.ts";
import { matchesGolden } from "../../support/golden.ts";

const golden = (name: string): string => join(import.meta.dirname, "golden", name);
const topologies = platforms().map((platform) => topologyOf(loadEnvironment(platform, platform === "lab" ? { slot: 0 } : {})));
const zones = topologies.flatMap((topology) =>
  topology.sites.flatMap((site) => site.zones.map((zone) => ({ topology, site, zone }))),
);

for (const { topology, zone } of zones.filter(({ site }) => site.name === "dc1"))
  test(`the policies of the applications of ${topology.platform} ${zone.name} are those of their golden file`, () =>
    matchesGolden(
      stringify(applicationPolicies(topology, zone, `${zone.name}-system`, flowTable(topology))),
      golden(`${topology.platform}-${zone.name}.yaml`),
    ));

test("every namespace of every zone is closed in both directions before anything is opened", () => {
  for (const { topology, site, zone } of zones)
    for (const policies of [
      applicationPolicies(topology, zone, "x", flowTable(topology)),
      systemPolicies(zone, controlPlaneCluster(topology, site), "192.0.2.1"),
    ])
      assert.deepEqual(policies[0], { name: "closed", spec: { podSelector: {}, policyTypes: ["Egress", "Ingress"] } });
});

test("a policy opens nothing that the table of flows does not have for the zone on its site", () => {
  for (const { topology, site, zone } of zones) {
    const table = flowTable(topology);
    const opened = applicationPolicies(topology, zone, "x", table).filter(({ name }) => /^(to|from)-/.test(name));
    const rows = table.filter(
      ({ source, from, to }) =>
        source === "business" && [from, to].some((end) => end.site === site.name && end.label === zone.name),
    );
    assert.deepEqual(
      opened.map(({ name }) => name.replace(/^(to|from)-/, "")).toSorted(),
      rows
        .flatMap(({ name, from, to }) =>
          [from, to].filter((end) => end.site === site.name && end.label === zone.name).map(() => name),
        )
        .toSorted(),
    );
  }
});

/** A flow of the environment file, on the business plane. */
const flow = (name: string, from: string, to: string, more: Partial<Flow> = {}): Flow => ({
  ...{ name, from, to, plane: "business", protocol: "tcp", ports: [9090, 9091], purpose: "x", owner: "x", ...more },
});
const ofFlows = (flows: readonly Flow[]): [Topology, Zone, FlowRow[]] => {
  const [topology] = topologies as [Topology];
  const zone = topology.sites[0]?.zones.find(({ name }) => name === "policy");
  assert.ok(zone);
  return [topology, zone, flowTable({ ...topology, flows })];
};

test("a policy opens the addresses and ports of its row, in its direction, and no others", () => {
  for (const { topology, zone } of zones) {
    const table = flowTable(topology);
    for (const { name, spec } of applicationPolicies(topology, zone, "x", table).filter(({ name }) => /^(to|from)-/.test(name))) {
      const row = table.find((one) => `to-${one.name}` === name || `from-${one.name}` === name);
      assert.ok(row);
      const { ports: numbers, protocol } = row;
      const ports = numbers.map((port) => ({ protocol: protocol.toUpperCase(), port }));
      const of = table.filter((one) => one.name === row.name && [one.from, one.to].some(({ site }) => site === zone.site));
      const peers = (cidrs: readonly string[] = []): object[] =>
        cidrs.map((cidr) => ({ ipBlock: cidr === "0.0.0.0/0" ? { cidr, except: platformNetworks(topology) } : { cidr } }));
      assert.equal(of.length, 1);
      assert.deepEqual(
        spec,
        name.startsWith("to-")
          ? { podSelector: {}, policyTypes: ["Egress"], egress: [{ to: peers(of[0]?.to.cidrs), ports }] }
          : { podSelector: {}, policyTypes: ["Ingress"], ingress: [{ from: peers(of[0]?.from.cidrs), ports }] },
      );
    }
  }
});

test("a flow within a zone opens its pods to one another by their own addresses, and its nodes", () => {
  const [topology, zone, table] = ofFlows([flow("claims", "policy", "policy")]);
  const nodes = zone.hosts.filter(({ role }) => role === "worker").map(({ addresses }) => `${addresses.business}/32`);
  const peers = [zone.pods.cidr, ...nodes].map((cidr) => ({ ipBlock: { cidr } }));
  const ports = [9090, 9091].map((port) => ({ protocol: "TCP", port }));
  assert.deepEqual(applicationPolicies(topology, zone, "x", table).slice(2), [
    { name: "from-claims", spec: { podSelector: {}, policyTypes: ["Ingress"], ingress: [{ from: peers, ports }] } },
    { name: "to-claims", spec: { podSelector: {}, policyTypes: ["Egress"], egress: [{ to: peers, ports }] } },
  ]);
});

test("pods are opened to one another by nothing but a flow within their zone, on the plane that they meet on", () => {
  const exception = { owner: "x", reason: "x", expires: "2030-01-01" };
  const [topology, zone, table] = ofFlows([
    flow("backup", "policy", "policy", { plane: "storage" }),
    flow("probe", "policy", "policy/worker"),
    flow("quotes", "internet", "policy", { exception }),
    flow("letters", "policy", "office", { exception }),
    flow("payments", "policy", "bank"),
  ]);
  const opened = applicationPolicies(topology, zone, "x", table).slice(2);
  assert.deepEqual(
    opened.map(({ name }) => name),
    ["from-backup", "from-quotes", "to-backup", "to-probe", "to-letters", "to-payments"],
  );
  assert.doesNotMatch(JSON.stringify(opened), /10\.244\./);
});

test("a zone's name service answers for its own namespaces and the API's", () => {
  const text = renderCorefile(["internet", "internet-system"], undefined);
  assert.match(text, /^ {8}namespaces internet internet-system default$/m);
  assert.doesNotMatch(text, /forward/);
});

test("a zone's name service asks the zone's name server for all other names, and nobody else, and where gateways are not ours nobody", () => {
  for (const { topology, site, zone } of zones) {
    const nameServer = nameServerOf(topology, zone);
    assert.equal(nameServer, zone.planes.management.gateway);
    assert.match(renderCorefile([zone.name], nameServer), new RegExp(`^    forward \\. ${nameServer}$`, "m"));
    const opened = systemPolicies(zone, controlPlaneCluster(topology, site), nameServer).filter(
      ({ name }) => name === "names-outside",
    );
    assert.deepEqual(
      opened.flatMap(({ spec }) => spec.egress?.flatMap(({ to }) => to)),
      [{ ipBlock: { cidr: `${nameServer}/32` } }],
    );
    assert.equal(nameServerOf({ ...topology, flavors: { ...topology.flavors, gateway: "external" } }, zone), undefined);
  }
});

test("what a zone may ask for fits on its workers when one of them is gone", () => {
  const [reference] = zones.filter(({ topology, zone }) => topology.platform === "reference" && zone.name === "internet");
  const workers = reference?.zone.hosts.filter(({ role }) => role === "worker") ?? [];
  assert.equal(workers.length, 3);
  assert.deepEqual(quotaOf(workers, "applications", 2), {
    "limits.memory": "196608Mi",
    pods: "300",
    "requests.cpu": "48000m",
    "requests.memory": "196608Mi",
    "services.loadbalancers": "0",
    "services.nodeports": "2",
  });
});

test("what a zone itself needs fits, and where it has two name servers one more while they change", () => {
  const mebibytes = (text: string): number => Number(/^(\d+)Mi$/.exec(text)?.[1]);
  for (const { zone } of zones) {
    const workers = zone.hosts.filter(({ role }) => role === "worker");
    const [first] = workers;
    assert.ok(first);
    for (const count of [1, 2, workers.length]) {
      const some = Array.from({ length: count }, () => first);
      const nodes = Object.fromEntries(some.map((_, index) => [`wk${index}`, ""]));
      const { replicas, template } = dnsDeployment({ ...zone, pods: { ...zone.pods, nodes } }, "", "");
      const limit = mebibytes(template.spec.containers[0]?.resources.limits.memory ?? "");
      const needed = (replicas > 1 ? replicas + 1 : replicas) * limit;
      assert.ok(
        mebibytes(quotaOf(some, "system", 0)["limits.memory"] ?? "") >= needed,
        `${zone.site}-${zone.name}: ${count} workers`,
      );
    }
  }
});
