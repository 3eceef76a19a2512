import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { join } from "node:path";
import type Docker from "dockerode";
import { labNames } from "../../../environments/model/lab.ts";
import { type Host, planes, type Zone } from "../../../environments/model/topology.ts";
import { looseCables } from "../../../scripts/lab/down.ts";
import type { Lab } from "../../../scripts/lab/instance.ts";
import { hostKeysDirectory, operatorKeyFile } from "../../../scripts/lab/keys.ts";

/** The three networks of a zone, made as the stack of the machines makes them; by plane. */
export async function makeNetworks(docker: Docker, lab: Lab, zone: Zone): Promise<string[]> {
  const made = planes.map(async (plane) => {
    const { cidr, gateway, vlan, operatorAddress } = zone.planes[plane];
    const network = await docker.createNetwork({
      Name: labNames.planeNetwork(lab.id, zone.site, zone.name, plane),
      Driver: "bridge",
      Internal: true,
      IPAM: { Config: [{ Subnet: cidr, Gateway: operatorAddress ?? gateway }] },
      Options: {
        "com.docker.network.bridge.name": labNames.bridge(lab.slot, 1, vlan),
        "com.docker.network.bridge.inhibit_ipv4": String(operatorAddress === undefined),
        "com.docker.network.container_iface_prefix": plane,
      },
      Labels: { "tandem.lab": lab.id },
    });
    return network.id;
  });
  return await Promise.all(made);
}

/** A machine of the lab with its keys, started. */
export async function makeMachine(docker: Docker, lab: Lab, host: Host): Promise<Docker.Container> {
  const endpoint = (plane: (typeof planes)[number]): [string, { IPAMConfig: { IPv4Address: string } }] => [
    labNames.planeNetwork(lab.id, host.site, host.zone, plane),
    { IPAMConfig: { IPv4Address: host.addresses[plane] } },
  ];
  const [first, ...others] = planes.map(endpoint) as [ReturnType<typeof endpoint>, ...ReturnType<typeof endpoint>[]];
  const machine = await docker.createContainer({
    name: labNames.container(lab.id, host.name),
    Image: lab.image,
    Hostname: host.name,
    Labels: { "tandem.lab": lab.id, "tandem.host": host.name },
    HostConfig: { NetworkMode: first[0], CapAdd: ["NET_ADMIN", "NET_RAW", "SYS_ADMIN"] },
    NetworkingConfig: { EndpointsConfig: Object.fromEntries([first]) },
  });
  for (const [network, config] of others)
    await docker.getNetwork(network).connect({ Container: machine.id, EndpointConfig: config });
  await machine.putArchive(keysArchive(lab, host), { path: "/" });
  await machine.start();
  return machine;
}

/** As the engine's plugin uploads files: whole paths, root's. */
function keysArchive(lab: Lab, host: Host): Buffer {
  const staged = mkdtempSync(join(lab.directory, "upload-"));
  const files = {
    "etc/ssh/tandem/ssh_host_ed25519_key": join(hostKeysDirectory(lab.directory, host.name), "ssh_host_ed25519_key"),
    [`home/${lab.sshUser}/.ssh/authorized_keys`]: `${operatorKeyFile(lab.directory)}.pub`,
  };
  for (const [path, source] of Object.entries(files)) {
    mkdirSync(join(staged, path, ".."), { recursive: true });
    copyFileSync(source, join(staged, path));
  }
  const tar = execFileSync("tar", [
    ...["--create", "--directory", staged, "--owner=0", "--group=0", "--mode=0644"],
    ...Object.keys(files),
  ]);
  rmSync(staged, { recursive: true });
  return tar;
}

/** What of a lab is still to be found on the machine, in words; empty when nothing is. */
export function tracesOf(lab: Lab, pairs: readonly string[]): string[] {
  const places = [lab.directory, join("/run/tandem", lab.id)];
  const named = (text: string): boolean => places.some((place) => text.includes(place));
  const processes = readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/.test(pid) && Number(pid) !== process.pid && named(readFileSync(`/proc/${pid}/cmdline`, "utf8"));
    } catch {
      return false;
    }
  });
  const cables = execFileSync("ip", ["-json", "link", "show", "type", "veth"], { encoding: "utf8" });
  const rules = execFileSync("iptables-save", { encoding: "utf8" }).split("\n");
  return [
    ...readdirSync("/sys/class/net").filter((name) => name.startsWith(`td${lab.slot}-`) || pairs.includes(name)),
    ...looseCables(cables, lab.slot),
    ...rules.filter((rule) => rule.includes(`TANDEM-${lab.slot}-`) || rule.includes(`td${lab.slot}-`)),
    ...readFileSync("/proc/self/mounts", "utf8").split("\n").filter(named),
    ...processes.map((pid) => `process ${pid}`),
    ...places.filter((place) => existsSync(place)),
  ];
}

/** The machine's ends of all interface pairs of the lab. */
export const machineEnds = (lab: Lab): string[] =>
  readdirSync("/sys/class/net").filter((name) => {
    const bridge = `/sys/class/net/${name}/master`;
    return existsSync(bridge) && realpathSync(bridge).includes(`/td${lab.slot}-`);
  });
