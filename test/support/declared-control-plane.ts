import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { ResourceMetrics } from "../../components/cluster/resource-metrics.ts";
import { controlPlaneCluster, controlPlaneServices } from "../../components/control-plane/cluster.render.ts";
import { ClusterAccess } from "../../components/control-plane/cluster-access.ts";
import { ControlPlane, type ControlPlaneArgs } from "../../components/control-plane/control-plane.ts";
import { Host } from "../../components/host/host.ts";
import type { Credentials } from "../../components/trust/credentials.ts";
import type { Site, Topology } from "../../environments/model/topology.ts";

export interface DeclaredResource {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Names of the inputs that are secret, or have a secret part. */
  readonly secrets: readonly string[];
}

/** What the component declares for a site in a preview, without an engine. Once a process: mocks are the process's. */
export async function declareControlPlane(topology: Topology, site: Site, credentials: Credentials): Promise<DeclaredResource[]> {
  const declared: DeclaredResource[] = [];
  await runControlPlane(topology, site, credentials, {
    isPreview: true,
    register: async (resource) => void declared.push(resource),
  });
  return declared;
}

export interface Run {
  readonly isPreview: boolean;
  /** Plays the engine: the resource is there when it resolves. */
  readonly register: (resource: DeclaredResource) => Promise<void>;
  /** Names of the hosts in the order in which a change comes to them. */
  readonly order?: readonly string[];
  /** Plays the hosts, by name. */
  readonly ask?: (host: string) => Promise<string>;
}

/** Runs the component; the UID of the cluster that it found, or in a preview the recorded one. */
export async function runControlPlane(topology: Topology, site: Site, credentials: Credentials, run: Run): Promise<string> {
  await pulumi.runtime.setMocks(
    {
      newResource: async ({ type, name, inputs }) => {
        const secrets = Object.keys(inputs).filter((key) => JSON.stringify(inputs[key] ?? null).includes(secretMark));
        await run.register({ type, name, inputs: revealed(inputs) as Record<string, unknown>, secrets });
        return { id: `${name}-id`, state: inputs };
      },
      call: () => ({}),
    },
    "tandem",
    `${topology.platform}-${site.name}`,
    run.isPreview,
  );
  let uid = "";
  await pulumi.runtime.runInPulumiStack(async () => {
    const cluster = controlPlaneCluster(topology, site);
    const access = { user: "root", port: 22, privateKey: "key", hostKey: "ssh-ed25519 AAAA" };
    const provider = new docker.Provider("docker", { host: "unix:///nowhere/docker.sock" });
    const machine = { kind: "lab", lab: "00000000", engine: () => provider, containerId: "machine" } as const;
    const hosts = new Map(cluster.members.map((place) => [place.name, new Host(place.name, { place, access, machine })]));
    const { ask } = run;
    if (ask) for (const [name, host] of hosts) host.ask = () => ask(name);
    const images = Object.fromEntries(controlPlaneServices.map((name) => [name, "sha256:0"])) as ControlPlaneArgs["images"];
    const controlPlane = new ControlPlane("control-plane", {
      ...{ topology, site, hosts },
      images,
      credentials,
      recorded: { uid: "recorded", version: "1.36.1" },
      ...(run.order && { order: run.order }),
    });
    const kubernetes = new ClusterAccess("cluster", {
      kubeconfig: controlPlane.administratorKubeconfig,
      clusterUid: controlPlane.clusterUid,
    });
    new ResourceMetrics("resource-metrics", { site, credentials, provider: kubernetes.provider, after: [] });
    uid = await new Promise<string>((resolve) => controlPlane.clusterUid.apply(resolve));
    return {};
  });
  await pulumi.runtime.disconnect();
  return uid;
}

const secretMark = "4dabf18193072939515e22adb298388d";

function revealed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(revealed);
  if (typeof value !== "object" || value === null) return value;
  if (secretMark in value && "value" in value) return revealed(value.value);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, revealed(inner)]));
}

/** Files by their path on a host, and what each of its services is started with. */
export function onHost(declared: readonly DeclaredResource[], host: string) {
  const files = new Map<string, string>();
  const commands = new Map<string, readonly string[]>();
  for (const { type, name, inputs } of declared) {
    if (!name.endsWith(`-${host}`)) continue;
    if (type === "docker:index/container:Container") {
      commands.set(name.slice(0, -host.length - 1), inputs["command"] as readonly string[]);
    }
    const [, path] = /^target='?([^'\s]+)'?$/m.exec(String(inputs["create"])) ?? [];
    if (type === "command:remote:Command" && inputs["stdin"] !== undefined && path) files.set(path, String(inputs["stdin"]));
  }
  return { files, commands };
}
