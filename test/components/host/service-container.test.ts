import assert from "node:assert/strict";
import { before, test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { Host, type Machine } from "../../../components/host/host.ts";
import { ServiceContainer } from "../../../components/host/service-container.ts";
import { loadEnvironment } from "../../../environments/model/load.ts";
import { topologyOf } from "../../../environments/model/topology-of.ts";
import { realMachine } from "../../support/real-machine.ts";

interface Inputs {
  readonly name: string;
  readonly networkMode: string;
  readonly pidMode: string;
  readonly mounts: readonly {
    readonly type: string;
    readonly source: string;
    readonly target: string;
    readonly readOnly: boolean;
  }[];
  readonly destroyGraceSeconds: number;
  readonly labels: readonly { readonly label: string; readonly value: string }[];
  readonly entrypoints: readonly string[];
  readonly envs?: unknown;
}

const registered = new Map<string, Inputs>();
const providers = new Map<string, Readonly<Record<string, unknown>>>();

async function place(machine: Machine, service: string): Promise<Inputs> {
  const [host] = topologyOf(loadEnvironment("reference")).sites.flatMap((site) => site.zones.flatMap((zone) => zone.hosts));
  assert.ok(host);
  const access = { user: "tandem", port: 22, privateKey: pulumi.secret("key"), hostKey: "ssh-ed25519 AAAA" };
  const container = new ServiceContainer(service, {
    host: new Host(`${service}-host`, { place: host, access, machine }),
    service,
    image: "registry.tandem.internal/haproxy@sha256:0",
    entrypoint: "haproxy",
    memoryMib: 256,
    graceSeconds: 30,
    configurationDigests: [pulumi.output("digest")],
  });
  await new Promise<void>((resolve) => container.container.id.apply(() => resolve()));
  const inputs = registered.get(service);
  assert.ok(inputs);
  return inputs;
}

before(() =>
  pulumi.runtime.setMocks({
    newResource: ({ type, name, inputs }) => {
      if (type.startsWith("docker:")) registered.set(name, inputs as Inputs);
      if (type === "pulumi:providers:docker") providers.set(name, inputs);
      return { id: `${name}-id`, state: inputs };
    },
    call: () => ({}),
  }),
);

test("on a real machine a service shares the host's namespaces and reads its directory, through the host's own engine", async () => {
  const inputs = await place(realMachine, "real");
  assert.deepEqual([inputs.name, inputs.networkMode, inputs.pidMode], ["tandem-real", "host", "host"]);
  assert.deepEqual(inputs.entrypoints, ["haproxy"]);
  assert.deepEqual(inputs.mounts, [{ type: "bind", source: "/etc/tandem", target: "/etc/tandem", readOnly: true }]);
  const [engine] = providers.values();
  assert.match(String(engine?.["host"]), /^ssh:\/\/tandem@[\d.]+:22$/);
  assert.doesNotMatch(JSON.stringify(engine), /key\b.*private/i);
  // Secret as a whole: so are the settings of a provider that have a secret in them.
  const login = engine?.["registryAuth"] as { readonly value: string } | undefined;
  assert.deepEqual(JSON.parse(login?.value ?? "[]"), [realMachine.registry]);
});

test("in the lab it shares those of the container that plays the host, by id", async () => {
  const engine = (): never => assert.fail("the mock needs no engine");
  const machine: Machine = { kind: "lab", lab: "0123abcd", engine: engine as never, containerId: "machine-id" };
  const access = { user: "tandem", port: 22, privateKey: "key", hostKey: "ssh-ed25519 AAAA" };
  const [host] = topologyOf(loadEnvironment("lab")).sites.flatMap((site) => site.zones.flatMap((zone) => zone.hosts));
  assert.ok(host);
  const { namespaces, configurationMount } = new Host("lab-host", { place: host, access, machine });
  const networkMode = await new Promise((resolve) => pulumi.output(namespaces.networkMode).apply(resolve));
  assert.equal(networkMode, "container:machine-id");
  assert.equal(configurationMount.source, `tandem-0123abcd-${host.name}-configuration`);
});

test("a service leaves in its own time, and a new configuration is a new container", async () => {
  const inputs = await place(realMachine, "graceful");
  assert.equal(inputs.destroyGraceSeconds, 30);
  const labels = Object.fromEntries(inputs.labels.map(({ label, value }) => [label, value]));
  assert.equal(labels["tandem.configuration"], "digest");
  assert.match(labels["tandem.urn"] ?? "", /tandem:host:ServiceContainer::graceful$/);
  assert.equal(inputs.envs, undefined);
});
