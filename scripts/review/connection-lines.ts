import type { Connection } from "../../environments/model/flows/compare.ts";

/** Connections of all of some ends to all of others, on all of some ports. */
interface Bundle {
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly ports: readonly string[];
  /** As in `management (operation)`: the plane, and the rows that permit them. */
  readonly by: string;
}

/** Few lines of many connections, as in `dc1-office, dc1-policy to bank 203.0.113.128/25: tcp 443, tcp 8443; business (quotes)`. */
export const connectionLines = (connections: readonly Connection[]): string[] =>
  (["ports", "to", "from"] as const)
    .reduce(joined, connections.map(alone))
    .map(({ from, to, ports, by }) => `${from.join(", ")} to ${to.join(", ")}: ${ports.join(", ")}; ${by}`);

const alone = ({ from, to, plane, protocol, port, rows }: Connection): Bundle => ({
  ...{ from: [from], to: [to], ports: [port === undefined ? protocol : `${protocol} ${port}`] },
  by: `${plane} (${rows.join(", ")})`,
});

/** One bundle in place of those that differ in nothing else. */
const joined = (bundles: readonly Bundle[], along: "from" | "to" | "ports"): Bundle[] =>
  [...Map.groupBy(bundles, (bundle) => JSON.stringify({ ...bundle, [along]: [] })).values()].flatMap((alike) =>
    alike.slice(0, 1).map((first) => ({ ...first, [along]: alike.flatMap((bundle) => bundle[along]) })),
  );
