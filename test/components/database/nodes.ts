import { join } from "node:path";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import type Docker from "dockerode";
import { type DatabaseCluster, databasePaths } from "../../../components/database/cluster.render.ts";
import { labNames } from "../../../environments/model/lab.ts";
import { databasePorts } from "../../../environments/model/ports.ts";
import { serviceAccount } from "../../../environments/model/service-account.ts";
import type { Host, Zone } from "../../../environments/model/topology.ts";
import { execIn } from "../../../scripts/docker/exec.ts";
import type { Lab } from "../../../scripts/lab/instance.ts";
import { until } from "../../support/until.ts";

// Real nodes of a real cluster: containers of the lab's image on the storage plane, with what the renderers write and certificates of the test's own.

export interface Nodes {
  readonly docker: Docker;
  readonly lab: Lab;
  readonly image: string;
  readonly cluster: DatabaseCluster;
  /** Holds each node's configuration. */
  readonly directory: string;
}

const networkOf = ({ lab }: Nodes, host: Host): string => labNames.planeNetwork(lab.id, host.site, host.zone, "storage");
export const volumeOf = ({ lab }: Nodes, host: Host): string => `tandem-${lab.id}-${host.name}-data`;
/** As the component calls it: the commands find it. */
export const nameOf = ({ lab }: Nodes, host: Host): string => `${labNames.container(lab.id, host.name)}-database`;
export const containerOf = (nodes: Nodes, host: Host): Docker.Container => nodes.docker.getContainer(nameOf(nodes, host));

export async function makeStoragePlane(nodes: Nodes, zone: Zone, host: Host): Promise<void> {
  const { cidr, gateway, vlan } = zone.planes.storage;
  await nodes.docker.createNetwork({
    Name: networkOf(nodes, host),
    Driver: "bridge",
    Internal: true,
    IPAM: { Config: [{ Subnet: cidr, Gateway: gateway }] },
    Options: { "com.docker.network.bridge.name": labNames.bridge(nodes.lab.slot, 1, vlan) },
    Labels: { "tandem.lab": nodes.lab.id },
  });
}

export const runtimeOptions = `uid=${serviceAccount.id},gid=${serviceAccount.id},mode=0755`;

/** Makes a node that is not started: on an empty volume, or on the one that is there. */
export async function makeNode(
  nodes: Nodes,
  host: Host,
  memory = Math.floor(host.size.memoryGib * 1024) * 1024 * 1024,
): Promise<void> {
  const { docker, lab, image, directory } = nodes;
  await docker.createContainer({
    name: nameOf(nodes, host),
    Image: image,
    Cmd: ["sh", databasePaths.start],
    Labels: { "tandem.lab": lab.id },
    HostConfig: {
      NetworkMode: networkOf(nodes, host),
      Memory: memory,
      MemorySwap: memory,
      RestartPolicy: { Name: "unless-stopped" },
      Tmpfs: { [databasePaths.runtime]: runtimeOptions },
      Mounts: [
        { Type: "bind", Source: join(directory, host.name), Target: databasePaths.configuration, ReadOnly: true },
        {
          Type: "volume",
          Source: volumeOf(nodes, host),
          Target: databasePaths.data,
          VolumeOptions: { Labels: { "tandem.lab": lab.id } } as Docker.MountSettings["VolumeOptions"] & object,
        },
      ],
    },
    NetworkingConfig: { EndpointsConfig: { [networkOf(nodes, host)]: { IPAMConfig: { IPv4Address: host.addresses.storage } } } },
  });
}

/** A node whose machine was replaced: nothing of it is left. */
export async function removeNode(nodes: Nodes, host: Host): Promise<void> {
  await containerOf(nodes, host).remove({ force: true });
  await nodes.docker.getVolume(volumeOf(nodes, host)).remove();
}

export interface Said {
  readonly code: number;
  readonly output: string;
}

/** Runs a command of the image in a container of its own, without a network. */
export async function runOnce(nodes: Nodes, command: readonly string[], binds: readonly string[]): Promise<Said> {
  const output = new PassThrough();
  const said = text(output);
  const options = {
    HostConfig: { NetworkMode: "none", Tmpfs: { [databasePaths.runtime]: runtimeOptions }, Binds: [...binds] },
    Labels: { "tandem.lab": nodes.lab.id },
    Tty: true,
  };
  const [result, container] = (await nodes.docker.run(nodes.image, [...command], output, options)) as [
    { StatusCode: number },
    Docker.Container,
  ];
  await container.remove();
  output.end();
  return { code: result.StatusCode, output: await said };
}

/** Runs a command in a node's container. */
export const run = (nodes: Nodes, host: Host, command: readonly string[], user = "root"): Promise<Said> =>
  runIn(containerOf(nodes, host), command, user);

export async function runIn(container: Docker.Container, command: readonly string[], user: string): Promise<Said> {
  const { code, stdout, stderr } = await execIn(container, command, { user });
  return { code, output: `${stderr}${stdout}`.trim() };
}

/** The container's root asks the server by its socket. */
export const client = ["mysql", "--no-defaults", `--socket=${databasePaths.socket}`, "--batch", "--skip-column-names"] as const;

export async function sql(nodes: Nodes, host: Host, statement: string): Promise<string> {
  const { code, output } = await run(nodes, host, [...client, `--execute=${statement}`]);
  if (code !== 0) throw new Error(`${host.name}: ${statement}: ${output}`);
  return output;
}

/** What a node's health page says; status 0 where none answers. */
export async function health(host: Host, path = "/"): Promise<{ status: number; reason: string }> {
  try {
    const response = await fetch(`http://${host.addresses.storage}:${databasePorts.health}${path}`, {
      headers: { connection: "close" },
      signal: AbortSignal.timeout(5_000),
    });
    return { status: response.status, reason: (await response.text()).trim() };
  } catch {
    return { status: 0, reason: "" };
  }
}

/** All of them at the same time: one that serves now may be the donor of the next. */
export const untilHealthyWithin = (seconds: number, ...hosts: readonly Host[]): Promise<void> =>
  until(
    `${hosts.map(({ name }) => name).join(", ")} are healthy`,
    async () => (await Promise.all(hosts.map((host) => health(host)))).every(({ status }) => status === 200),
    seconds * 1000,
  );

export const untilHealthy = (...hosts: Host[]): Promise<void> => untilHealthyWithin(120, ...hosts);

export const untilSays = (host: Host, what: RegExp): Promise<void> =>
  until(`${host.name} says ${what}`, async () => what.test((await health(host)).reason), 60_000);

/** Power failure: nothing of the nodes gets to do anything. The engine starts them again. */
export async function killAll(nodes: Nodes, hosts: readonly Host[]): Promise<void> {
  const pids = await Promise.all(hosts.map(async (host) => (await containerOf(nodes, host).inspect()).State.Pid));
  for (const pid of pids) process.kill(pid, "SIGKILL");
}

/** Sends a signal to a node's server alone. */
export async function signalServer(nodes: Nodes, host: Host, name: "KILL" | "STOP" | "CONT"): Promise<void> {
  const { code, output } = await run(nodes, host, ["sh", "-c", `kill -${name} $(cat ${databasePaths.runtime}/mysqld.pid)`]);
  if (code !== 0) throw new Error(`${host.name}: ${output}`);
}

/** Names of the nodes whose page says that clients may write there. */
export async function writers(nodes: Nodes): Promise<string[]> {
  const pages = await Promise.all(nodes.cluster.members.map((host) => health(host, "/writer")));
  return nodes.cluster.members.filter((_, index) => pages[index]?.status === 200).map(({ name }) => name);
}

export async function untilOneWriter(nodes: Nodes): Promise<Host> {
  let found: string[] = [];
  await until("one node is the writer", async () => {
    found = await writers(nodes);
    return found.length === 1;
  });
  return nodes.cluster.members.find(({ name }) => name === found[0]) as Host;
}

/** The end of a node's log, for a failure. */
export async function logOf(nodes: Nodes, host: Host): Promise<string> {
  const log = await containerOf(nodes, host).logs({ stdout: true, stderr: true, tail: 400 });
  return `${host.name}:\n${String(log)}`;
}
