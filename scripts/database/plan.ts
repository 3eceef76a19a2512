import { waitsToBeFilled } from "../../components/database/cluster.render.ts";
import { UserError } from "../console/errors.ts";
import { type Node, stampOf } from "./read.ts";

// What a command will do, worked out from what was read; refused where it must not. Pure.

const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)$/;

/** The time that `--to` names, as the backups name theirs: `end` is as far as the binary logs reach. They know whole seconds. */
export function restoreTime(to: string, now: number): string {
  if (to === "latest") return "end";
  const time = rfc3339.test(to) ? Date.parse(to) : Number.NaN;
  if (Number.isNaN(time))
    throw new UserError(
      `--to ${JSON.stringify(to)}: not a time; allowed is RFC 3339 with whole seconds and a zone, as in 2026-01-31T23:59:59Z or 2026-02-01T07:59:59+08:00, or latest`,
    );
  if (time > now)
    throw new UserError(`--to ${to}: lies ahead; allowed is until ${new Date(now).toISOString().replace(/\.\d+/, "")}`);
  return stampOf(time);
}

/** The node that makes or restores a backup: the first healthy one that is not the writer, else the writer. */
export function backupNode(nodes: readonly Node[]): string {
  const healthy = nodes.filter(({ healthy: well }) => well);
  const [node] = [...healthy.filter(({ writer }) => !writer), ...healthy];
  if (!node) throw new UserError(`no node is healthy: ${nodes.map(({ host, said }) => `${host}: ${said}`).join("; ")}`);
  return node.host;
}

/** The node that restores: also where no node is healthy. */
export const restoreNode = (nodes: readonly Node[]): string =>
  nodes.some(({ healthy }) => healthy) ? backupNode(nodes) : (nodes[0]?.host ?? "");

/**
 * Into what restored data go: a cluster that serves, or nodes that have all lost their data and begin anew. Refused in between: nodes with data that
 * do not serve may be nearer to the truth than any backup.
 */
export function entranceOf(nodes: readonly Node[]): "serving" | "empty" {
  const serving = nodes.filter(({ healthy }) => healthy);
  if (2 * serving.length > nodes.length && nodes.some(({ writer }) => writer)) return "serving";
  if (nodes.every(({ said }) => said.startsWith("has no data"))) return "empty";
  const all = nodes.map(({ host, said }) => `${host}: ${said}`).join("; ");
  throw new UserError(
    `the cluster does not serve, and its nodes are not all without data: ${all}. ` +
      "Bring it back first (npm run database -- begin <host>), then restore. Nothing was changed.",
  );
}

/** The position from which the cluster begins on a host; refused where another node has, or may have, later data. */
export function beginningOn(host: string, nodes: readonly Node[], althoughLater: boolean): string {
  const node = nodes.find((one) => one.host === host);
  if (!node)
    throw new UserError(
      `${JSON.stringify(host)}: no node of the cluster; allowed are ${nodes.map(({ host: name }) => name).join(", ")}`,
    );
  const serving = nodes.filter(({ healthy }) => healthy);
  if (serving.length > 0)
    throw new UserError(
      `${serving.map(({ host: name }) => name).join(", ")}: serves, so the cluster is there; a node that waits joins it. Nothing was changed.`,
    );
  if (node.position === undefined)
    throw new UserError(
      `${host}: does not wait with data (its page: ${node.said}); a cluster begins with the data of a node that does`,
    );
  const own = parts(node.position);
  const doubts = nodes
    .filter((one) => one !== node && one.said !== waitsToBeFilled)
    .flatMap(({ host: name, position, said }) => {
      if (position === undefined) return [`${name} may have later data, it shows no position: ${said}`];
      const other = parts(position);
      if (other.history !== own.history) return [`${name} has data of another history, ${position}`];
      return other.seqno > own.seqno ? [`${name} has later data, until ${position}`] : [];
    });
  if (doubts.length > 0 && !althoughLater)
    throw new UserError(
      `${host}: its data end at ${node.position}, but ${doubts.join("; ")}. What the others have more would be lost. ` +
        "Begin with the latest, or bring the others back; to begin here all the same: --although-later. Nothing was changed.",
    );
  return node.position;
}

function parts(position: string): { readonly history: string; readonly seqno: bigint } {
  const [history = "", seqno = "-1"] = position.split(":");
  return { history, seqno: BigInt(seqno) };
}
