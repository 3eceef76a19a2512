import { ResourceMetrics } from "../../components/cluster/resource-metrics.ts";
import { controlPlaneCluster, controlPlaneServices } from "../../components/control-plane/cluster.render.ts";
import { ClusterAccess } from "../../components/control-plane/cluster-access.ts";
import { ControlPlane, type ControlPlaneArgs } from "../../components/control-plane/control-plane.ts";
import { Host } from "../../components/host/host.ts";
import type { Credentials } from "../../components/trust/credentials.ts";
import type { Site, Topology } from "../../environments/model/topology.ts";
import { type DeclaredResource, filesOn, type MockedProgram, mockedLabMachine, noAccess, runMocked } from "./mocked-program.ts";

/** What the component declares for a site in a preview, without an engine. Once a process: mocks are the process's. */
export async function declareControlPlane(topology: Topology, site: Site, credentials: Credentials): Promise<DeclaredResource[]> {
  const declared: DeclaredResource[] = [];
  await runControlPlane(topology, site, credentials, {
    isPreview: true,
    register: async (resource) => void declared.push(resource),
  });
  return declared;
}

export interface Run extends Omit<MockedProgram, "stack"> {
  /** Names of the hosts in the order in which a change comes to them. */
  readonly order?: readonly string[];
  /** Plays the hosts, by name. */
  readonly ask?: (host: string) => Promise<string>;
}

/** Runs the component; the UID of the cluster that it found, or in a preview the recorded one. */
export async function runControlPlane(topology: Topology, site: Site, credentials: Credentials, run: Run): Promise<string> {
  let uid = "";
  const stack = `${topology.platform}-${site.name}`;
  await runMocked({ stack, isPreview: run.isPreview, register: run.register }, async () => {
    const cluster = controlPlaneCluster(topology, site);
    const machine = mockedLabMachine();
    const hosts = new Map(
      cluster.members.map((place) => [place.name, new Host(place.name, { place, access: noAccess, machine })]),
    );
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
  });
  return uid;
}

/** Files by their path on a host, and what each of its services is started with. */
export function onHost(declared: readonly DeclaredResource[], host: string) {
  const files = new Map([...filesOn(declared, host)].map(([path, { inputs }]) => [path, String(inputs["stdin"])]));
  const commands = new Map<string, readonly string[]>();
  for (const { type, name, inputs } of declared)
    if (type === "docker:index/container:Container" && name.endsWith(`-${host}`))
      commands.set(name.slice(0, -host.length - 1), inputs["command"] as readonly string[]);
  return { files, commands };
}
