import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { pendingOf, resourcesOf, withoutPending } from "../../../scripts/deploy/deployment.ts";
import { forgetHost, hostsIn } from "../../../scripts/deploy/forget.ts";
import { nearest } from "../../../scripts/deploy/nearest.ts";
import { commandUrn, exampleState, hostUrn, stackUrn } from "./states.ts";

const dead = "dc1-platform-db1";
const alive = "dc1-platform-db10";

describe("forgetting a host", () => {
  const { state, resources } = forgetHost(exampleState(), dead);

  it("takes out its component and all below it, and nothing of a host whose name only begins the same", () => {
    assert.equal(resources.length, 3);
    assert.ok(resources.every(({ urn }) => urn.endsWith(dead)));
    assert.deepEqual(hostsIn(state), [alive]);
    assert.equal(resourcesOf(state).length, resourcesOf(exampleState()).length - 3);
  });

  it("leaves no resource that depends on one that is gone: the engine would refuse such a state", () => {
    assert.deepEqual(resourcesOf(state).find(({ urn }) => urn === commandUrn(alive))?.dependencies, []);
    const urns = new Set(resourcesOf(state).map(({ urn }) => urn));
    for (const resource of resourcesOf(state)) {
      if (resource.parent) assert.ok(urns.has(resource.parent));
      for (const urn of resource.dependencies ?? []) assert.ok(urns.has(urn));
    }
  });

  it("takes its identity out of the stack's outputs, or the guard would refuse its successor", () => {
    const outputs = resourcesOf(state).find(({ urn }) => urn === stackUrn)?.outputs;
    assert.deepEqual(outputs?.["identity"], { platform: "lab", hosts: { [alive]: { hostKey: "ten" } } });
  });

  it("takes its probes out of components that have several hosts, or drift would ask a dead one", () => {
    const before = exampleState();
    const probes = [dead, alive].map((host) => ({ host, what: "file /etc/tandem/x" }));
    const cluster = {
      urn: "urn:pulumi:lab-dc1::tandem::tandem:database:MysqlCluster::database-dc1",
      type: "tandem:database:MysqlCluster",
    };
    const resources = [...resourcesOf(before), { ...cluster, parent: stackUrn, outputs: { isMade: true, probes } }];
    const after = forgetHost({ ...before, deployment: { ...before.deployment, resources } }, dead);
    assert.deepEqual(resourcesOf(after.state).find(({ urn }) => urn === cluster.urn)?.outputs, {
      isMade: true,
      probes: [{ host: alive, what: "file /etc/tandem/x" }],
    });
  });

  it("keeps what opens the state's secrets", () => {
    assert.deepEqual(state.deployment["secrets_providers"], exampleState().deployment["secrets_providers"]);
  });

  it("takes out nothing for a host that the state does not hold", () => {
    const other = forgetHost(exampleState(), "dc2-platform-db1");
    assert.equal(other.resources.length, 0);
    assert.deepEqual(other.state, exampleState());
  });

  it("takes along what runs through a provider of its own", () => {
    const before = exampleState();
    const provider = `urn:pulumi:lab-dc1::tandem::pulumi:providers:docker::docker-${dead}`;
    const through = {
      urn: "urn:pulumi:lab-dc1::tandem::x:y:Z::elsewhere",
      type: "x:y:Z",
      parent: stackUrn,
      provider: `${provider}::id`,
    };
    const added = [...resourcesOf(before), { urn: provider, type: "pulumi:providers:docker", id: "id" }, through];
    const after = forgetHost({ ...before, deployment: { ...before.deployment, resources: added } }, dead);
    assert.ok(after.resources.some(({ urn }) => urn === through.urn));
  });

  it("names the nearest host for one that is not there", () => {
    assert.equal(nearest("dc1-platfrom-db1", [dead, hostUrn("x")]), `; did you mean "${dead}"?`);
    assert.equal(nearest("zzz", [dead]), "");
  });
});

describe("operations that a kill cut", () => {
  it("are taken out of the state, and nothing else is", () => {
    const before = exampleState();
    const cut = {
      ...before,
      deployment: { ...before.deployment, pending_operations: [{ type: "creating", resource: { urn: "u", type: "t" } }] },
    };
    assert.equal(pendingOf(cut).length, 1);
    assert.deepEqual(withoutPending(cut), before);
  });
});
