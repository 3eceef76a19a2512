import { compareFlows, type FlowChanges } from "../../../environments/model/flows/compare.ts";
import { flowTable } from "../../../environments/model/flows/table.ts";
import type { Topology } from "../../../environments/model/topology.ts";
import { connectionLines } from "../connection-lines.ts";
import type { Finder, Finding } from "./finding.ts";

/** What a change opens and closes, between zones or, hidden until asked for, between hosts. */
export const connectionChanges = (before: Topology, after: Topology, level: "zones" | "hosts"): FlowChanges =>
  compareFlows(flowTable(before), flowTable(after), level);

/** Rows of the table that open or close something, each once. */
export const connectionFindings: Finder = (before, after) => {
  const { opened, closed } = connectionChanges(before, after, "zones");
  return [...byRow(opened, "opens"), ...byRow(closed, "closes")];
};

function byRow(connections: FlowChanges["opened"], verb: "opens" | "closes"): Finding[] {
  const rows = Map.groupBy(connections, ({ rows: [row = ""] }) => row);
  return [...rows].map(([row, all]) => {
    const lines = connectionLines(all);
    return {
      weight: "care",
      subject: `flow ${row}`,
      what: `${verb} ${all.length === 1 ? "a connection" : `${all.length} connections`}: ${lines.slice(0, 3).join("; ")}${lines.length > 3 ? "; …" : ""}`,
      todo:
        verb === "opens"
          ? "see that the owner of the receiving zone agrees, and that no narrower row would do"
          : "see that nobody uses it any more: their next packet is dropped",
    };
  });
}
