import { planes, type Topology, type Zone } from "../../environments/model/topology.ts";
import { volumesOf } from "../../environments/model/volumes.ts";

/** One thing of a platform in the words of its users, with what can be said of it. */
export interface Thing {
  readonly kind:
    | "platform"
    | "site"
    | "zone"
    | "plane"
    | "host"
    | "VIP"
    | "flow"
    | "volume"
    | "outside network"
    | "size"
    | "image"
    | "timing";
  readonly name: string;
  readonly facts: Readonly<Record<string, string>>;
}

/** Everything that a platform consists of; what is compared when two are. */
export function thingsOf(topology: Topology): Thing[] {
  return [
    { kind: "platform", name: "platform", facts: platformFacts(topology) },
    ...topology.sites.map(({ name, role, racks, core, interSite }): Thing => {
      const facts = {
        role,
        racks: racks.join(", "),
        "core network": core.cidr,
        "core VLAN": String(core.vlan),
        "inter-site link": interSite.cidr,
      };
      return { kind: "site", name, facts: { ...facts, "inter-site VLAN": String(interSite.vlan) } };
    }),
    ...topology.sites.flatMap(({ zones }) => zones.flatMap(zoneThings)),
    ...topology.flows.map(({ name, from, to, plane, protocol, ports, purpose, owner, exception }): Thing => {
      const until = exception ? `${exception.reason} (${exception.owner}, until ${exception.expires})` : "none";
      return {
        kind: "flow",
        name,
        facts: { from, to, plane, port: `${protocol} ${ports.join(", ")}`, purpose, owner, exception: until },
      };
    }),
    ...volumesOf(topology).map(({ directory, sizeGib, users }): Thing => {
      return { kind: "volume", name: directory, facts: { size: `${sizeGib} GiB`, "used by": users.join(", ") } };
    }),
    ...Object.entries(topology.networks).map(
      ([name, list]): Thing => ({ kind: "outside network", name, facts: { networks: list.join(", ") } }),
    ),
    ...sizeThings(topology),
    ...Object.entries(topology.images).map(([name, image]): Thing => ({ kind: "image", name, facts: { image } })),
    ...Object.entries(topology.timings).map(
      ([name, value]): Thing => ({ kind: "timing", name, facts: { value: String(value) } }),
    ),
  ];
}

function platformFacts(topology: Topology): Record<string, string> {
  const {
    stage,
    machines,
    availability,
    objectives,
    backup,
    kubernetes,
    dns,
    time,
    ssh,
    operators,
    trunk,
    trust,
    flavors,
    seed,
  } = topology;
  return {
    stage,
    machines,
    availability,
    "recovery time": `${objectives.rtoMinutes} min`,
    "recovery point": `${objectives.rpoMinutes} min`,
    "full backup of the databases": `every ${backup.fullEveryHours} h, kept ${backup.keepDays} days`,
    Kubernetes: kubernetes.version,
    "pod range": kubernetes.podCidr,
    "service range": kubernetes.serviceCidr,
    domain: dns.domain,
    "name servers": dns.servers.join(", "),
    "time zone": time.zone,
    "time servers": time.servers.join(", "),
    SSH: `${ssh.user}, port ${ssh.port}, keys in ${ssh.knownHosts}`,
    operators: operators.join(", "),
    trunk,
    ...trustFacts(trust),
    ...(topology.nasReplication && { "NAS follows": `every ${topology.nasReplication.everyMinutes} min` }),
    "registry follows": `each push, and all every ${topology.registry.replication.everyMinutes} min`,
    ...(topology.nasPath !== "" && { "path on the NAS": topology.nasPath }),
    ...Object.fromEntries(Object.entries(flavors).map(([role, flavor]) => [`${role} flavor`, flavor])),
    seed: "archive" in seed ? seed.archive : seed.registry,
  };
}

function trustFacts({ organization, authorities, newAuthorities, certificates }: Topology["trust"]): Record<string, string> {
  const names = authorities.map(({ name, certificateFile }) => (certificateFile ? `${name} (${certificateFile})` : name));
  return {
    "organization in certificates": organization,
    authorities: `${names[0]} issues; trusted: ${names.join(", ")}`,
    "new authorities": `${newAuthorities.key}, ${newAuthorities.lifetimeDays} days`,
    certificates: `${certificates.key}, ${certificates.lifetimeDays} days, renewed ${certificates.renewDays} days before`,
  };
}

const nasFact = ({ externalNas }: Zone): Record<string, string> => (externalNas === undefined ? {} : { NAS: externalNas });

function zoneThings(zone: Zone): Thing[] {
  const place = `${zone.site} ${zone.name}`;
  return [
    { kind: "zone", name: place, facts: { pods: zone.pods.cidr, "name service": zone.pods.dns, ...nasFact(zone) } },
    ...planes.map(
      (plane): Thing => ({
        kind: "plane",
        name: `${place} ${plane}`,
        facts: { network: zone.planes[plane].cidr, VLAN: String(zone.planes[plane].vlan) },
      }),
    ),
    ...zone.hosts.map(({ name, role, rack, addresses }): Thing => {
      const planned = Object.fromEntries(planes.map((plane) => [`${plane} address`, addresses[plane]]));
      const pods = zone.pods.nodes[name];
      return {
        kind: "host",
        name,
        facts: { role, rack, ...planned, ...(pods !== undefined && { pods }) },
      };
    }),
    ...zone.vips.map(({ name, plane, address, vrid, holders }): Thing => {
      return {
        kind: "VIP",
        name: `${place} ${name}`,
        facts: { plane, address, "router id": String(vrid), holders: holders.join(", ") },
      };
    }),
  ];
}

/** A role's hosts are all of one size: said once. */
function sizeThings(topology: Topology): Thing[] {
  const hosts = topology.sites.flatMap(({ zones }) => zones.flatMap((zone) => zone.hosts));
  const sizes = new Map(
    hosts.map(({ role, size }) => [role, `${size.cpus} CPU, ${size.memoryGib} GiB memory, ${size.diskGib} GiB disk`]),
  );
  return [...sizes].map(([role, size]) => ({ kind: "size", name: role, facts: { size } }));
}
