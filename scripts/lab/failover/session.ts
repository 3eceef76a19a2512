import { setTimeout as pause } from "node:timers/promises";
import { databasePorts } from "../../../environments/model/ports.ts";
import type { Host, Topology } from "../../../environments/model/topology.ts";
import type { Report } from "../../console/steps.ts";
import type { Lab } from "../instance.ts";
import { networkOf, type Running, startProgram } from "../programs.ts";
import { drillNamespace, drillSchema } from "./contents.ts";
import type { Credentials } from "./credentials.ts";
import type { DatabaseWatchSettings, SeenDatabase } from "./database-watch.ts";
import { machineOf } from "./faults.ts";
import type { ObjectWriterSettings, SeenLease } from "./object-writer.ts";
import type { Place } from "./places.ts";
import { now, type Written } from "./records.ts";
import type { RowWriterSettings } from "./row-writer.ts";
import type { StreamClientsSettings, StreamLine } from "./stream-clients.ts";
import type { StreamServerSettings } from "./stream-server.ts";
import { look, unwell } from "./well.ts";

/** What all cases of a drill share. */
export interface Session {
  readonly lab: Lab;
  readonly topology: Topology;
  readonly place: Place;
  readonly hosts: readonly Host[];
  readonly credentials: Credentials;
  /** Only its owner reads it, and it is gone when the drill ends. */
  readonly directory: string;
  readonly watch: Running<SeenDatabase>;
  readonly signal: AbortSignal;
}

export type ObjectLine = { readonly objects: Written } | { readonly lease: SeenLease };

export interface Clients {
  readonly name: string;
  readonly rows: Running<Written>;
  readonly objects: Running<ObjectLine>;
  /** Only where a case is about gateways: they keep the machine busy. */
  readonly streams?: Running<StreamLine>;
  readonly end: () => Promise<void>;
}

/** The look from the storage network at who writes. It runs for the whole drill. */
export async function startWatch(lab: Lab, place: Place, directory: string): Promise<Running<SeenDatabase>> {
  const nodes = place.databases.map(({ name, addresses }) => ({ name, address: addresses.storage }));
  const settings: DatabaseWatchSettings = { nodes, port: databasePorts.health };
  const network = await networkOf(lab, machineOf(lab, place.clientHost));
  return startProgram("failover/database-watch", settings, { directory, name: "database-watch", network });
}

/** The clients of one case; the name tells their rows and objects from all others. */
export async function startClients(session: Session, name: string, throughGateways = false): Promise<Clients> {
  const { lab, place, credentials, directory } = session;
  const { authority: ca, certificate: cert, key, kubeconfig } = credentials;
  const rowSettings: RowWriterSettings = {
    ...{ host: place.databaseVip.address, port: databasePorts.clients, user: "drill", database: drillSchema },
    ...{ ca, cert, key, client: name, pauseMs: 20 },
  };
  const objectSettings: ObjectWriterSettings = {
    ...{ kubeconfig, address: place.apiVip.address, namespace: drillNamespace, client: name, pauseMs: 150 },
  };
  const network = await networkOf(lab, machineOf(lab, place.clientHost));
  const rows = startProgram<Written>("failover/row-writer", rowSettings, { directory, name: `rows-${name}`, network });
  const objects = startProgram<ObjectLine>("failover/object-writer", objectSettings, { directory, name: `objects-${name}` });
  const streams = throughGateways ? await startStreams(session, name) : undefined;
  const end = async (): Promise<void> => void (await Promise.all([rows.end(), objects.end(), streams?.end()]));
  return { name, rows, objects, ...(streams && { streams: streams.clients }), end };
}

/** Between two zones: a server in the one, clients in the other. */
async function startStreams(
  { lab, place: { crossing }, directory }: Pick<Session, "lab" | "place" | "directory">,
  name: string,
): Promise<{ readonly clients: Running<StreamLine>; readonly end: () => Promise<void> }> {
  const { from, to, port } = crossing;
  const settings: StreamServerSettings & StreamClientsSettings = { host: to.addresses.business, port, pauseMs: 20 };
  const [here, there] = [await networkOf(lab, machineOf(lab, from)), await networkOf(lab, machineOf(lab, to))];
  const server = startProgram<unknown>("failover/stream-server", settings, {
    directory,
    name: `server-${name}`,
    network: there,
  });
  const clients = startProgram<StreamLine>("failover/stream-clients", settings, {
    directory,
    name: `streams-${name}`,
    network: here,
  });
  return { clients, end: async () => void (await Promise.all([clients.end(), server.end()])) };
}

/** What one of the clients of gateways saw. */
export const streamRecords = ({ streams }: Clients, client: "crossings" | "streams"): Written[] =>
  (streams?.lines ?? []).flatMap((line) => {
    const record = (line as Partial<Record<typeof client, Written>>)[client];
    return record ? [record] : [];
  });

export const objectRecords = ({ objects }: Clients): Written[] =>
  objects.lines.flatMap((line) => ("objects" in line ? [line.objects] : []));

/** Each renewal of the controllers' lease as a success of theirs. */
export const leaseRecords = ({ objects }: Clients): (Written & { readonly leader: string })[] =>
  objects.lines.flatMap((line, sequence) =>
    "lease" in line ? [{ sequence, at: line.lease.at, outcome: "acknowledged" as const, leader: line.lease.leader }] : [],
  );

/** Three looks in a row: a state that lasts. */
const looks = 3;

/** Waits until the site is well. Returns what is not when it does not become so within the bound. */
export async function waitWell(session: Session, boundSeconds: number, report: Report): Promise<string[]> {
  const deadline = now() + boundSeconds * 1000;
  for (let good = 0; ; ) {
    const { lab, place, credentials, watch, signal } = session;
    const problems = unwell(place, await look(lab, place, credentials.kubeconfig, watch.lines.at(-1)));
    good = problems.length === 0 ? good + 1 : 0;
    if (good >= looks) return [];
    if (now() > deadline) return problems.length > 0 ? problems : ["it was well only for a moment"];
    report(
      problems[0] === undefined
        ? "well; looking again"
        : `waiting: ${problems[0]}${problems.length > 1 ? ` and ${problems.length - 1} more` : ""}`,
    );
    await pause(1000, undefined, { signal });
  }
}
