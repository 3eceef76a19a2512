import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { LabMachine } from "../components/lab/machine.ts";
import { PlaneNetwork } from "../components/lab/plane-network.ts";
import { addressText, parseNetwork } from "../environments/model/addresses.ts";
import { labNames } from "../environments/model/lab.ts";
import { type Plane, planes, type Site, type Topology, uplinksOf, type Zone } from "../environments/model/topology.ts";
import { type Lab, labDirectory, readLab } from "./access.ts";
import { identityProblems, refuse } from "./identity.ts";
import { readRecordedIdentity } from "./upstream.ts";

/** The lab's machines as containers of one engine, on the networks of both sites. */
export async function machines(topology: Topology): Promise<Record<string, unknown>> {
  if (topology.machines !== "lab")
    throw new pulumi.RunError(`platform ${topology.platform}: its machines are real; only a lab has a machines stack`);
  const lab = readLab();
  refuse(identityProblems(await readRecordedIdentity(), { platform: topology.platform, engineId: lab.engineId, hostKeys: {} }));
  const engine = new docker.Provider("docker", { host: lab.dockerHost });
  const options = { provider: engine };

  const link = declareLink("link", interSiteLink(topology, lab), lab, options);
  const containerIds: Record<string, pulumi.Output<string>> = {};
  for (const site of topology.sites) {
    const core = declareLink(`${site.name}-core`, coreLink(site, lab), lab, options);
    for (const zone of site.zones) {
      const networks = declarePlanes(lab, site.number, zone, options);
      for (const place of zone.hosts.filter((host) => host.inService)) {
        const machine = new LabMachine(
          place.name,
          {
            place,
            lab: lab.id,
            containerName: labNames.container(lab.id, place.name),
            image: place.role === "worker" ? lab.workerImage : lab.image,
            cables: [
              ...planes.map((plane) => ({ network: networks[plane], address: place.addresses[plane] })),
              ...uplinksOf(zone, place).map(({ name, ownAddress: address }) => ({
                network: name === "core" ? core : link,
                address,
              })),
            ],
            hostKey: readFileSync(join(labDirectory(), "hosts", place.name, "ssh_host_ed25519_key"), "utf8"),
            user: topology.ssh.user,
            operatorKey: readFileSync(join(labDirectory(), "id_ed25519.pub"), "utf8"),
            nasTree: join(labDirectory(), labNames.nasTree(site.name, zone.name)),
          },
          options,
        );
        containerIds[place.name] = machine.containerId;
      }
    }
  }
  return { identity: { platform: topology.platform, engineId: lab.engineId, hosts: {} }, machines: containerIds };
}

function declarePlanes(
  lab: Lab,
  siteNumber: number,
  zone: Zone,
  options: pulumi.ComponentResourceOptions,
): Record<Plane, docker.Network> {
  const networks = planes.map((name) => {
    const plane = zone.planes[name];
    const { network } = new PlaneNetwork(
      `${zone.site}-${zone.name}-${name}`,
      {
        lab: lab.id,
        networkName: labNames.planeNetwork(lab.id, zone.site, zone.name, name),
        bridge: labNames.bridge(lab.slot, siteNumber, plane.vlan),
        cidr: plane.cidr,
        gateway: plane.operatorAddress
          ? { heldBy: "machine", address: plane.operatorAddress }
          : { heldBy: "host", address: plane.gateway },
      },
      options,
    );
    return [name, network] as const;
  });
  return Object.fromEntries(networks) as Record<Plane, docker.Network>;
}

interface Link {
  readonly networkName: string;
  readonly bridge: string;
  readonly cidr: string;
}

/** Where the gateways of a site's zones meet. */
const coreLink = ({ name, number, core }: Site, lab: Lab): Link => ({
  networkName: labNames.coreNetwork(lab.id, name),
  bridge: labNames.bridge(lab.slot, number, core.vlan),
  cidr: core.cidr,
});

const interSiteLink = ({ sites: [first] }: Topology, lab: Lab): Link => ({
  networkName: labNames.interSiteNetwork(lab.id),
  bridge: labNames.interSiteBridge(lab.slot),
  cidr: first?.interSite.cidr ?? "",
});

const declareLink = (name: string, link: Link, lab: Lab, options: pulumi.ComponentResourceOptions): docker.Network =>
  new PlaneNetwork(name, { lab: lab.id, ...link, gateway: { heldBy: "host", address: lastHostAddress(link.cidr) } }, options)
    .network;

function lastHostAddress(cidr: string): string {
  const network = parseNetwork(cidr);
  if (!network) throw new Error(`${cidr}: not a network`);
  return addressText(network.last - 1);
}
