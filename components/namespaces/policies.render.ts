import { applicationRows, isApplicationsOf } from "../../environments/model/flows/applications.ts";
import { everywhere, type Party, platformNetworks } from "../../environments/model/flows/party.ts";
import type { FlowRow } from "../../environments/model/flows/table.ts";
import { controlPlanePorts, platformPorts } from "../../environments/model/ports.ts";
import type { Topology, Zone } from "../../environments/model/topology.ts";
import type { ControlPlaneCluster } from "../control-plane/cluster.render.ts";

/** A policy's name and its spec, as networking.k8s.io/v1 has it. */
export interface Policy {
  readonly name: string;
  readonly spec: {
    readonly podSelector: { readonly matchLabels?: Readonly<Record<string, string>> };
    readonly policyTypes: string[];
    readonly ingress?: { readonly from: object[]; readonly ports: object[] }[];
    readonly egress?: { readonly to: object[]; readonly ports: object[] }[];
  };
}

/** What marks the pods that answer the zone's questions for names. */
export const dnsLabels = { "app.kubernetes.io/name": "coredns" } as const;
export const dnsPodPort = 5353;

const all = {};
/** Everybody outside is nobody of the platform, whose networks are `ours`. */
const blocks = (cidrs: readonly string[], ours: readonly string[] = []): object[] =>
  cidrs.map((cidr) => ({ ipBlock: { cidr, ...(cidr === everywhere && { except: ours }) } }));
const portsOf = ({ protocol, ports }: FlowRow): object[] => ports.map((port) => ({ protocol: protocol.toUpperCase(), port }));
const questionsAt = (port: number): object[] => ["UDP", "TCP"].map((protocol) => ({ protocol, port }));
const dnsPorts = questionsAt(dnsPodPort);

/** Every namespace: nothing comes in and nothing goes out but what another policy permits. */
export const closed: Policy = { name: "closed", spec: { podSelector: all, policyTypes: ["Egress", "Ingress"] } };

const asksForNames = (systemNamespace: string): Policy => ({
  name: "names",
  spec: {
    podSelector: all,
    policyTypes: ["Egress"],
    egress: [
      {
        to: [
          {
            namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": systemNamespace } },
            podSelector: { matchLabels: dnsLabels },
          },
        ],
        ports: dnsPorts,
      },
    ],
  },
});

/** The namespace of the zone's applications: what the table says of the zone, in both directions. */
export function applicationPolicies(
  topology: Topology,
  zone: Zone,
  systemNamespace: string,
  table: readonly FlowRow[],
): Policy[] {
  const ours = platformNetworks(topology);
  const rows = applicationRows(table, zone);
  const isHere = (party: Party): boolean => isApplicationsOf(zone, party);
  // Among themselves the zone's pods keep their own addresses, and meet on the business plane.
  const peers = ({ from, to, plane }: FlowRow, { cidrs }: Party): object[] =>
    blocks(isHere(from) && isHere(to) && plane === "business" ? [zone.pods.cidr, ...cidrs] : cidrs, ours);
  const out = rows
    .filter(({ from, to }) => isHere(from) && to.cidrs.length > 0)
    .map(
      (row): Policy => ({
        name: `to-${row.name}`,
        spec: { podSelector: all, policyTypes: ["Egress"], egress: [{ to: peers(row, row.to), ports: portsOf(row) }] },
      }),
    );
  const into = rows
    .filter(({ from, to }) => isHere(to) && from.cidrs.length > 0)
    .map(
      (row): Policy => ({
        name: `from-${row.name}`,
        spec: { podSelector: all, policyTypes: ["Ingress"], ingress: [{ from: peers(row, row.from), ports: portsOf(row) }] },
      }),
    );
  return [closed, asksForNames(systemNamespace), ...into, ...out];
}

const namesOutside = (nameServer: string): Policy => ({
  name: "names-outside",
  spec: {
    podSelector: { matchLabels: dnsLabels },
    policyTypes: ["Egress"],
    egress: [
      {
        to: blocks([`${nameServer}/32`]),
        ports: questionsAt(platformPorts.dns),
      },
    ],
  },
});

/**
 * The namespace of what the zone itself needs: its name service answers its pods, reads from the API, and asks the zone's name server, if there is one; what else
 * speaks to the API is given by its name.
 */
export function systemPolicies(
  zone: Zone,
  cluster: ControlPlaneCluster,
  nameServer: string | undefined,
  controllers: readonly string[] = [],
): Policy[] {
  const servers = cluster.members.map(({ addresses }) => `${addresses.management}/32`);
  const dns = { podSelector: { matchLabels: dnsLabels } };
  const asksApi = (name: string, matchLabels: Readonly<Record<string, string>>): Policy => ({
    name,
    spec: {
      podSelector: { matchLabels },
      policyTypes: ["Egress"],
      egress: [{ to: blocks(servers), ports: [{ protocol: "TCP", port: controlPlanePorts.api }] }],
    },
  });
  return [
    closed,
    {
      name: "names",
      spec: {
        ...dns,
        policyTypes: ["Ingress"],
        ingress: [{ from: blocks([zone.pods.cidr]), ports: dnsPorts }],
      },
    },
    asksApi("kubernetes-api", dnsLabels),
    ...controllers.map((name) => asksApi(`kubernetes-api-${name}`, { "app.kubernetes.io/name": name })),
    ...(nameServer === undefined ? [] : [namesOutside(nameServer)]),
  ];
}
