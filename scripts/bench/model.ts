import { stringify } from "yaml";
import { gatewayDevices, hostDevices } from "../../components/network/devices.render.ts";
import { renderGatewayRules } from "../../components/network/gateway.render.ts";
import { renderHostRules } from "../../components/network/host-rules.render.ts";
import { addressText } from "../../environments/model/addresses.ts";
import { flowTable, rowsByReceiver, rowsByZone } from "../../environments/model/flows/table.ts";
import { loadEnvironment } from "../../environments/model/load.ts";
import { readEnvironment } from "../../environments/model/read-environment.ts";
import { stacksOf } from "../../environments/model/stack-names.ts";
import { topologyOf } from "../../environments/model/topology-of.ts";
import { type Comparison, compare } from "./measure.ts";

/** A text is read, checked against every rule, and made a topology: of 100 zones in a second, and in time that grows as the file does. */
export async function modelGrowth(say: (text: string) => void): Promise<Comparison[]> {
  const [half, whole] = [platformText(50), platformText(100)];
  const what = "model of 100 zones and 2,000 hosts";
  const growth = await compare({ name: what, of: "50 zones and 1,000 hosts", goal: 2.2 }, derive(whole), derive(half), say);
  const all = "packet rules of 100 zones and 2,000 hosts";
  const rules = await compare(
    { name: all, of: "50 zones and 1,000 hosts", goal: 2.2 },
    renderRules(whole),
    renderRules(half),
    say,
  );
  return [
    growth,
    { name: what, of: "a second", seconds: growth.seconds, baseSeconds: 1, ratio: growth.seconds, goal: 1 },
    rules,
    { name: all, of: "two seconds", seconds: rules.seconds, baseSeconds: 2, ratio: rules.seconds / 2, goal: 1 },
  ];
}

const derive = (text: string) => async (): Promise<unknown> => stacksOf(topologyOf(readEnvironment(text, "bench.yaml")));

/** The table of flows, and from it the rules of all gateways and hosts. */
function renderRules(text: string): () => Promise<unknown> {
  const topology = topologyOf(readEnvironment(text, "bench.yaml"));
  return async () => {
    const table = flowTable(topology);
    const [received, byZone] = [rowsByReceiver(table), rowsByZone(table)];
    return topology.sites.flatMap((site) =>
      site.zones.flatMap((zone) => [
        renderGatewayRules(topology, site, zone, gatewayDevices(topology, zone), byZone.get(`${site.name}-${zone.name}`) ?? []),
        ...zone.hosts
          .filter(({ role }) => role !== "gateway")
          .map((host) => renderHostRules(topology, zone, host, hostDevices(topology, zone), received.get(host.name) ?? [])),
      ]),
    );
  };
}

/** The reference with as many zones, half of them on each site, twenty hosts a zone, and five flows of each business zone. */
export function platformText(zones: number): string {
  const names = Array.from({ length: zones / 2 - 1 }, (_, index) => `zone${index + 1}`);
  const site = (number: number, role: string): unknown => ({
    role,
    racks: ["r1", "r2", "r3"],
    core: { vlan: 4000, cidr: `10.${number}.255.0/24` },
    zones: Object.fromEntries(["platform", ...names].map((zone, index) => [zone, zoneEntry(number, zone, index)])),
  });
  const reference = loadEnvironment("reference");
  return stringify({
    ...reference,
    kubernetes: { ...reference.kubernetes, podCidr: "10.128.0.0/10", serviceCidr: "10.192.0.0/16" },
    interSite: { vlan: 4001, cidr: "10.1.0.0/24" },
    zones: Object.fromEntries(names.map((name) => [name, { purpose: "A zone of the benchmark" }])),
    volumes: Object.fromEntries(
      names.map((name) => [name, { "bench/files": { sizeGib: 1 }, "bench/claims": { sizeGib: 1, reclaimPolicy: "Retain" } }]),
    ),
    sites: { dc1: site(20, "active"), dc2: site(30, "standby") },
    flows: Object.fromEntries(names.flatMap((name, index) => flowsOf(name, names[index + 1], index))),
  });
}

/** As in the reference one zone is open to everybody: its hosts' rules have all networks of the platform. */
function flowsOf(zone: string, next: string | undefined, index: number): [name: string, flow: unknown][] {
  const same = { protocol: "tcp", purpose: "A flow of the benchmark", owner: "Benchmark" };
  const exception = { owner: "Benchmark", reason: "Two zones", expires: "2099-12-31" };
  return Object.entries({
    [`${zone}-clients`]: {
      from: index === 0 ? "customers" : "employees",
      to: zone,
      plane: "business",
      ports: [10_000 + index],
      ...same,
    },
    [`${zone}-bank`]: { from: zone, to: "bank", plane: "business", ports: [443], ...same },
    [`${zone}-data`]: { from: zone, to: "platform/database", plane: "storage", ports: [3306], ...same },
    [`${zone}-files`]: { from: zone, to: "platform/nas", plane: "storage", ports: [2049], ...same },
    ...(next && { [`${zone}-next`]: { from: zone, to: next, plane: "business", ports: [20_000 + index], ...same, exception } }),
  });
}

function zoneEntry(site: number, zone: string, index: number): unknown {
  const network = (plane: number): unknown => ({
    vlan: 100 + index * 3 + plane,
    cidr: `${addressText(site * 2 ** 16 + 10 * 2 ** 24 + (index * 3 + plane) * 64)}/26`,
  });
  const platform = {
    balancer: members("lb", 2),
    "control-plane": members("cp", 3),
    database: members("db", 3),
    nas: members("nas", 1),
    registry: members("reg", 1),
    worker: members("wk", 8),
  };
  return {
    planes: { business: network(0), management: network(1), storage: network(2) },
    core: `10.${site}.255.${4 + index * 4}`,
    pods: `${addressText((10 * 256 + 128) * 2 ** 16 + (site * 10 + index) * 2 ** 13)}/19`,
    hosts: { gateway: members("gw", 2), ...(zone === "platform" ? platform : { worker: members("wk", 18) }) },
  };
}

function members(prefix: string, count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`${prefix}${index + 1}`, `r${(index % 3) + 1}`]));
}
