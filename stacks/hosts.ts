import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { Host, type Machine } from "../components/host/host.ts";
import { fingerprint, type Inspection, inspectHost } from "../components/host/inspection.ts";
import { loginOf, pullingAccount, registryName, registryPassword } from "../environments/model/registry.ts";
import type { Host as HostPlace, Site, Topology, Zone } from "../environments/model/topology.ts";
import { type Access, accessTo, readLab } from "./access.ts";
import { credentialsOf } from "./credentials.ts";
import { type HostIdentity, type Identity, identityProblems, inspectionProblems, refuse } from "./identity.ts";
import { readMachines, readRecordedIdentity } from "./upstream.ts";

export interface Place {
  readonly site: Site;
  readonly zone?: Zone;
}

export interface StackHosts {
  /** By host name. */
  readonly hosts: ReadonlyMap<string, Host>;
  /** What this run deploys to: an output of the stack. */
  readonly identity: pulumi.Output<Identity>;
}

/** Checks that the hosts are the ones that this stack was deployed to, and only then declares them. */
export async function declareHosts(topology: Topology, place: Place, all: readonly HostPlace[]): Promise<StackHosts> {
  const places = all.filter((host) => host.inService);
  const access = await accessTo(topology, places);
  const recorded = await readRecordedIdentity();
  const where = { platform: topology.platform, site: place.site.name, ...(place.zone && { zone: place.zone.name }) };
  const outOfService = all.filter((host) => !host.inService).map(({ name }) => name);
  refuse(identityProblems(recorded, { ...where, hostKeys: access.hostKeys, outOfService }));

  const found = pulumi.runtime.isDryRun() ? {} : await inspect(topology, places, access);
  refuse(inspectionProblems(recorded, found));
  for (const [host, { changedFiles, restoresLive }] of Object.entries(found)) {
    if (!restoresLive)
      await pulumi.log.warn(
        `${host}: an end of its Docker engine, by a crash or an upgrade, ends the services there; set "live-restore": true in /etc/docker/daemon.json, and then: systemctl reload docker`,
      );
    for (const file of changedFiles)
      await pulumi.log.warn(`${host}: ${file} was changed by hand since it was deployed; npm run drift shows how`);
  }

  const machine = await machines(topology);
  const hosts = new Map(
    places.map((host) => [
      host.name,
      new Host(host.name, {
        place: host,
        access: {
          ...access,
          privateKey: access.privateKey ?? unknownText(),
          hostKey: access.hostKeys[host.name] ?? unknownText(),
        },
        machine: machine(host),
      }),
    ]),
  );
  const identities = Object.fromEntries(places.map((host) => [host.name, hostIdentity(host.name, access, found, recorded)]));
  return { hosts, identity: pulumi.output({ ...where, hosts: identities }) as pulumi.Output<Identity> };
}

const unknownText = (): pulumi.Output<string> => pulumi.output(pulumi.unknown) as unknown as pulumi.Output<string>;

async function machines(topology: Topology): Promise<(host: HostPlace) => Machine> {
  if (topology.machines === "ssh") return realMachines(topology);
  const lab = readLab();
  const upstream = await readMachines(topology.platform);
  let provider: docker.Provider | undefined;
  const engine = (): docker.Provider => {
    provider ??= new docker.Provider("docker", { host: lab.dockerHost, disableDockerDaemonCheck: true });
    return provider;
  };
  return (host) => ({
    kind: "lab",
    lab: lab.id,
    engine,
    containerId: upstream.apply(({ machines: ids }) => ids[host.name] ?? missing(host)),
  });
}

async function realMachines(topology: Topology): Promise<(host: HostPlace) => Machine> {
  const { password } = await credentialsOf(topology);
  return ({ zone }) => {
    const { name } = pullingAccount(topology, { name: zone });
    return {
      ...{ kind: "ssh", knownHostsFile: `environments/${topology.ssh.knownHosts}`, trunk: topology.trunk },
      registry: {
        ...{ address: registryName(topology), username: loginOf(topology, name) },
        password: password(registryPassword(name)),
      },
    };
  };
}

function missing(host: HostPlace): never {
  throw new pulumi.RunError(
    `${host.name}: stack lab-machines has no such machine; deploy it first: npm run up -- --platform lab --stack lab-machines`,
  );
}

/** Reads all hosts at once; the ones that do not answer are reported together. */
async function inspect(topology: Topology, places: readonly HostPlace[], access: Access): Promise<Record<string, Inspection>> {
  const privateKey = await new Promise<string>((resolve) => access.privateKey?.apply(resolve));
  const problems: string[] = [];
  const found = await Promise.all(
    places.map(async (host) => {
      const login = {
        host: host.addresses.management,
        port: access.port,
        user: access.user,
        privateKey,
        hostKey: access.hostKeys[host.name] ?? "",
      };
      try {
        return [host.name, await inspectHost(login)] as const;
      } catch (error) {
        problems.push(
          `${host.name} (${login.host}:${login.port}): ${(error as Error).message}; bring it back. If it died for good: list it under ` +
            `outOfService in environments/${topology.platform}.yaml until it is replaced, and run: npm run hosts -- forget ${host.name}`,
        );
        return undefined;
      }
    }),
  );
  refuse(problems);
  return Object.fromEntries(found.filter((entry) => entry !== undefined));
}

function hostIdentity(
  host: string,
  access: Access,
  found: Readonly<Record<string, Inspection>>,
  recorded: Identity | undefined,
): pulumi.Input<HostIdentity> {
  const key = access.hostKeys[host];
  const now = found[host];
  if (key && now) return { hostKey: fingerprint(key), machineId: now.machineId, engineId: now.engineId };
  return recorded?.hosts[host] ?? (pulumi.output(pulumi.unknown) as unknown as pulumi.Output<HostIdentity>);
}
