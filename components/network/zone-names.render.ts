import { platformOf, roleParty, vipParty } from "../../environments/model/flows/party.ts";
import type { FlowRow } from "../../environments/model/flows/table.ts";
import { platformPorts } from "../../environments/model/ports.ts";
import { registryName } from "../../environments/model/registry.ts";
import type { Topology, Zone } from "../../environments/model/topology.ts";
import { nasName } from "../../environments/model/volumes.ts";
import { managed } from "../managed.render.ts";
import { gatewayPaths } from "./gateway-keepalived.render.ts";

// A zone's name server, on its gateways: a zone's hosts ask nobody of another zone, and hear no other zone's names but those of what they may reach.

const byName = ([a]: readonly [string, string], [b]: readonly [string, string]): number => (a < b ? -1 : 1);

const addressOf = (cidr: string): string => cidr.replace("/32", "");

/** Address by name: hosts on the management plane and VIPs of the zone, and the VIPs of others and the site's NAS and registry where one of its hosts may reach them. */
export function zoneNames(topology: Topology, zone: Zone, rows: readonly FlowRow[]): [fqdn: string, address: string][] {
  const { sites } = topology;
  const own = rows.filter(({ from }) => from.site === zone.site && from.zone === zone.name);
  const reached = new Set(own.flatMap(({ to }) => to.cidrs));
  const others = sites.flatMap(({ zones }) => zones).filter(({ site, name }) => site !== zone.site || name !== zone.name);
  const vips = [...zone.vips, ...others.flatMap((other) => other.vips.filter(({ address }) => reached.has(`${address}/32`)))];
  const hosts = zone.hosts.filter(({ inService }) => inService);
  const platforms = sites.filter(({ name }) => name === zone.site).map(platformOf);
  const nas = platforms.flatMap((platform) => roleParty(platform, "nas", "storage").cidrs).filter((cidr) => reached.has(cidr));
  const registry = platforms
    .flatMap((platform) => vipParty(platform, "registry")?.cidrs ?? [])
    .filter((cidr) => reached.has(cidr));
  return [
    ...hosts.map(({ fqdn, addresses }): [string, string] => [fqdn, addresses.management]),
    ...vips.map(({ fqdn, address }): [string, string] => [fqdn, address]),
    ...nas.map((cidr): [string, string] => [nasName(topology), addressOf(cidr)]),
    ...registry.map((cidr): [string, string] => [registryName(topology), addressOf(cidr)]),
  ].toSorted(byName);
}

/** Seconds for which an answer may be kept, and for which a name that does not exist may be remembered as such. */
const lifetimes = { answer: 60, refusal: 10 } as const;

/** A master file (RFC 1035, section 5) of the platform's domain as the zone sees it. Whoever reads it starts anew when it changes: its serial number says nothing. */
export function renderZoneNames(topology: Topology, zone: Zone, rows: readonly FlowRow[]): string {
  const { domain } = topology.dns;
  const server = `${nameServerVip(zone).fqdn}.`;
  return `; ${managed}
$ORIGIN ${domain}.
$TTL ${lifetimes.answer}
@ IN SOA ${server} hostmaster.${domain}. 1 7200 900 1209600 ${lifetimes.refusal}
@ IN NS ${server}
${zoneNames(topology, zone, rows)
  .map(([fqdn, address]) => `${fqdn}. IN A ${address}`)
  .join("\n")}
`;
}

/** Who answers a zone's questions: the gateway that holds this address. */
export function nameServerVip({ site, name, vips }: Zone): Zone["vips"][number] {
  const vip = vips.find((each) => each.name === "gateway-management");
  if (!vip) throw new Error(`${site} ${name}: it has no VIP gateway-management`);
  return vip;
}

/** The address that a zone asks for names; undefined where its gateways are not ours. */
export const nameServerOf = ({ flavors }: Topology, zone: Zone): string | undefined =>
  flavors.gateway === "software" ? nameServerVip(zone).address : undefined;

/** Names of the platform from the zone's own file, and no others of its domain; the rest from the company's name servers, where there are any. */
export function renderNameServer({ dns }: Topology, zone: Zone): string {
  const listen = [`    bind ${nameServerVip(zone).address}`, "    errors"];
  const block = (domain: string, own: readonly string[]): string[] => [
    `${domain}:${platformPorts.dns} {`,
    ...listen,
    ...own.map((line) => `    ${line}`),
    "}",
  ];
  return [
    `# ${managed}`,
    ...block(dns.domain, [`file ${gatewayPaths.names} {`, "    reload 0", "}"]),
    // Whom it asks next, and for how long it remembers an answer.
    ...(dns.servers.length > 0 ? block(".", [`forward . ${dns.servers.join(" ")}`, "cache 60"]) : []),
    "",
  ].join("\n");
}

/** The command of its container. */
export const nameServerCommand: readonly string[] = ["-conf", gatewayPaths.nameServer];

/** What a host's programs ask (resolv.conf(5)): the zone's gateways, one second each time. */
export const renderResolver = (zone: Zone, { dns }: Topology): string => `# ${managed}
search ${zone.name}.${zone.site}.${dns.domain}
nameserver ${nameServerVip(zone).address}
options timeout:1 attempts:3
`;
