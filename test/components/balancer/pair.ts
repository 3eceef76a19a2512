import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type Docker from "dockerode";
import { balancerPaths, keepalivedMemoryMib } from "../../../components/balancer/balancer.render.ts";
import { haproxyMemoryMib, renderHaproxy, renderUsers } from "../../../components/balancer/haproxy.render.ts";
import { renderKeepalived } from "../../../components/balancer/keepalived.render.ts";
import { renderReload, renderStartHaproxy, renderStartKeepalived } from "../../../components/balancer/scripts.render.ts";
import { renderAccountScript } from "../../../components/host/accounts.render.ts";
import { renderWriteScript } from "../../../components/host/host-file.render.ts";
import { hostSysctls } from "../../../components/host/sysctl.render.ts";
import { labNames } from "../../../environments/model/lab.ts";
import { serviceAccount } from "../../../environments/model/service-account.ts";
import { type Host, type Plane, planes, type Timings, type Zone } from "../../../environments/model/topology.ts";
import { execIn } from "../../../scripts/docker/exec.ts";

// A real pair: containers of the lab's images that share the namespaces and the configuration directory of two machines, as on the platform.

export interface Pair {
  readonly docker: Docker;
  readonly lab: { readonly id: string; readonly slot: number };
  readonly zone: Zone;
  readonly timings: Timings;
  readonly hosts: readonly Host[];
  readonly images: Readonly<Record<"machine" | "haproxy" | "keepalived", string>>;
  /** Holds each host's configuration directory. */
  readonly directory: string;
}

type Part = "machine" | "haproxy" | "keepalived";

const networkOf = ({ lab, zone }: Pair, plane: Plane): string => labNames.planeNetwork(lab.id, zone.site, zone.name, plane);
const labels = ({ lab }: Pair) => ({ "tandem.lab": lab.id });
export const partOf = ({ docker, lab }: Pair, host: Host, part: Part): Docker.Container =>
  docker.getContainer(labNames.container(lab.id, part === "machine" ? host.name : `${host.name}-${part}`));

export async function makePlanes(pair: Pair): Promise<void> {
  for (const plane of planes) {
    const { cidr, gateway, vlan } = pair.zone.planes[plane];
    await pair.docker.createNetwork({
      Name: networkOf(pair, plane),
      Driver: "bridge",
      Internal: true,
      IPAM: { Config: [{ Subnet: cidr, Gateway: gateway }] },
      Options: { "com.docker.network.bridge.name": labNames.bridge(pair.lab.slot, 1, vlan) },
      Labels: labels(pair),
    });
  }
}

/** Makes a machine and starts the two services on it, without any VIP. */
export async function makeHost(pair: Pair, host: Host, authority: string): Promise<void> {
  const { docker, timings, images } = pair;
  const shared = join(pair.directory, host.name);
  mkdirSync(shared, { recursive: true });
  const [first, ...others] = planes;
  const addressIn = (plane: Plane) => ({ IPAMConfig: { IPv4Address: host.addresses[plane] } });
  const machine = await docker.createContainer({
    ...{ name: labNames.container(pair.lab.id, host.name), Image: images.machine, Labels: labels(pair) },
    Cmd: ["tini", "--", "sleep", "infinity"],
    HostConfig: {
      NetworkMode: networkOf(pair, first),
      CapAdd: ["NET_ADMIN", "NET_RAW"],
      Sysctls: networkSysctls(host),
      Mounts: [{ Type: "bind", Source: shared, Target: "/etc/tandem" }],
    },
    NetworkingConfig: { EndpointsConfig: { [networkOf(pair, first)]: addressIn(first) } },
  });
  for (const plane of others)
    await docker.getNetwork(networkOf(pair, plane)).connect({ Container: machine.id, EndpointConfig: addressIn(plane) });
  await machine.start();
  await onHost(pair, host, renderAccountScript());
  await onHost(pair, host, `install -d -m 0750 -o root -g ${serviceAccount.name} /etc/tandem/balancer; mkdir -p /run/lock`);
  const read = (name: string) => readFileSync(join(authority, name), "utf8");
  await write(pair, host, balancerPaths.reload, renderReload());
  await write(pair, host, balancerPaths.authorities, read("ca.crt"), "haproxy");
  await write(pair, host, balancerPaths.certificate, read("statistics.crt") + read("statistics.key"), "haproxy");
  await write(pair, host, balancerPaths.users, renderUsers(statisticsPassword), "haproxy");
  await write(pair, host, balancerPaths.haproxy, renderHaproxy(host, timings), "haproxy");
  await write(pair, host, balancerPaths.keepalived, renderKeepalived(host, timings), "keepalived");
  const { id } = serviceAccount;
  await makePart(pair, host, "haproxy", {
    ...{ Cmd: ["sh", "-c", renderStartHaproxy()], User: `${id}:${id}` },
    HostConfig: { Memory: haproxyMemoryMib(host) * 2 ** 20, Tmpfs: { [balancerPaths.runtime]: `uid=${id},gid=${id},mode=0700` } },
  });
  await makePart(pair, host, "keepalived", {
    ...{ Cmd: ["bash", "-c", renderStartKeepalived()], User: "0:0" },
    HostConfig: {
      Memory: keepalivedMemoryMib * 2 ** 20,
      CapAdd: ["NET_ADMIN", "NET_RAW"],
      Tmpfs: { [balancerPaths.runtime]: "mode=0700" },
    },
  });
}

/** Every character that HAProxy reads in a way of its own. */
export const statisticsPassword = "a#b\"c'd\\e $f%g:h";

const networkSysctls = (host: Host): Record<string, string> =>
  Object.fromEntries(Object.entries(hostSysctls(host)).filter(([key]) => key.startsWith("net.ipv4.")));

async function makePart(pair: Pair, host: Host, part: Part, options: Docker.ContainerCreateOptions): Promise<void> {
  const machine = `container:${(await partOf(pair, host, "machine").inspect()).Id}`;
  const container = await pair.docker.createContainer({
    ...options,
    ...{ name: labNames.container(pair.lab.id, `${host.name}-${part}`), Image: pair.images[part], Labels: labels(pair) },
    HostConfig: {
      ...options.HostConfig,
      ...{ NetworkMode: machine, PidMode: machine, CapDrop: ["ALL"], SecurityOpt: ["no-new-privileges"] },
      RestartPolicy: { Name: "unless-stopped" },
      Mounts: [{ Type: "bind", Source: join(pair.directory, host.name), Target: "/etc/tandem", ReadOnly: true }],
    },
  });
  await container.start();
}

/** As a host's file is written by an `up`: rejects with what the service's parser says. */
export const write = (
  pair: Pair,
  host: Host,
  path: string,
  content: string,
  service?: "haproxy" | "keepalived",
): Promise<string> => {
  const script = renderWriteScript({
    ...{ path, mode: "0640", owner: `root:${serviceAccount.name}` },
    ...(service && { reload: `sh ${balancerPaths.reload} ${service}` }),
  });
  const name = `.content-${path.replaceAll("/", "-")}`;
  writeFileSync(join(pair.directory, host.name, name), content);
  return onHost(pair, host, `(${script.trimEnd()}\n) < /etc/tandem/${name}`);
};

/** Runs a script as a machine's root and gives what it printed; rejects with it when the script fails. */
export async function onHost(pair: Pair, host: Host, script: string, part: Part = "machine"): Promise<string> {
  const { code, stdout, stderr } = await execIn(partOf(pair, host, part), ["sh", "-c", script]);
  const said = `${stderr}${stdout}`.trim();
  if (code !== 0) throw new Error(`${host.name}: ${said}`);
  return said;
}

/** Names of the hosts that have the VIP's address. */
export async function holders(pair: Pair, address: string): Promise<string[]> {
  const held = await Promise.all(
    pair.hosts.map((host) => onHost(pair, host, `ip -4 -oneline address show to ${address}`).catch(() => "")),
  );
  return pair.hosts.filter((_, index) => held[index] !== "").map(({ shortName }) => shortName);
}

/** The end of every container's log, for a failure. */
export async function logs(pair: Pair): Promise<string> {
  const parts = pair.hosts.flatMap((host) => (["haproxy", "keepalived"] as const).map((part) => ({ host, part })));
  const texts = await Promise.all(
    parts.map(async ({ host, part }) => {
      const log = await partOf(pair, host, part).logs({ stdout: true, stderr: true, tail: 60 });
      return `${host.shortName} ${part}:\n${String(log)}`;
    }),
  );
  return texts.join("\n");
}
