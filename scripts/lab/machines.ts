import { labNames } from "../../environments/model/lab.ts";
import { type Host, planes, type Site, type Topology, uplinksOf } from "../../environments/model/topology.ts";
import { UserError } from "../console/errors.ts";
import { nearest } from "../deploy/nearest.ts";
import { readPlatform } from "../deploy/platform.ts";
import { clientOf } from "./daemon.ts";
import type { Lab } from "./instance.ts";

/** The lab's platform at the addresses of its slot. */
export const labTopology = (lab: Pick<Lab, "slot">): Topology => readPlatform("lab", lab.slot).topology;

export const hostsOf = (topology: Topology): readonly Host[] =>
  topology.sites.flatMap((site) => site.zones.flatMap((zone) => zone.hosts));

/** A host of the lab by its name; an unknown name is refused with the nearest known one. */
export function findHost(hosts: readonly Host[], name: string): Host {
  const found = hosts.find((host) => host.name === name);
  if (found) return found;
  const names = hosts.map((host) => host.name);
  throw new UserError(
    `${JSON.stringify(name)}: the lab has no such host${nearest(name, names)}; allowed are, as in environments/lab.yaml: ${names.join(", ")}`,
  );
}

/** A site by its name; the active one where none is named. */
export function findSite({ sites }: Topology, name: string | undefined): Site {
  const found = name === undefined ? sites[0] : sites.find((site) => site.name === name);
  if (found) return found;
  const names = sites.map((site) => site.name).join(", ");
  throw new UserError(`--site ${JSON.stringify(name)}: there is no such site; allowed are ${names}`);
}

/** What a host is plugged into, with its own address there. */
export interface Cable {
  /** A plane; of a gateway also `core` or `link`. */
  readonly name: string;
  readonly address: string;
}

export function cablesOf(topology: Topology, host: Host): Cable[] {
  const zone = topology.sites.flatMap(({ zones }) => zones).find(({ site, name }) => site === host.site && name === host.zone);
  return [
    ...planes.map((plane) => ({ name: plane, address: host.addresses[plane] })),
    ...(zone ? uplinksOf(zone, host) : []).map(({ name, ownAddress }) => ({ name, address: ownAddress })),
  ];
}

/** A host's cable by its name; an unknown name is refused with those that the host has. */
export function findCable(topology: Topology, host: Host, name: string): Cable {
  const cables = cablesOf(topology, host);
  const found = cables.find((cable) => cable.name === name);
  if (found) return found;
  const names = cables.map((cable) => cable.name);
  throw new UserError(
    `${JSON.stringify(name)}: ${host.name} has no such cable${nearest(name, names)}; allowed are ${names.join(", ")}`,
  );
}

/** A container of the lab as its engine lists it. */
export interface LabContainer {
  readonly id: string;
  readonly name: string;
  /** The host that it is, or that it runs on. */
  readonly host: string;
  readonly isMachine: boolean;
  /** As in `kube-apiserver`; empty for a machine. */
  readonly service: string;
  /** As in `running`, `exited`. */
  readonly state: string;
}

/** All containers of the lab, stopped ones too. */
export async function labContainers(lab: Pick<Lab, "id" | "dockerHost">): Promise<LabContainer[]> {
  const found = await clientOf(lab.dockerHost).listContainers({ all: true, filters: { label: [`tandem.lab=${lab.id}`] } });
  return found.map((container) => {
    const name = container.Names[0]?.replace(/^\//, "") ?? container.Id.slice(0, 12);
    const host = container.Labels["tandem.host"] ?? "";
    return {
      ...{ id: container.Id, name, host, isMachine: name === labNames.container(lab.id, host) },
      ...{ service: container.Labels["tandem.service"] ?? "", state: container.State },
    };
  });
}
