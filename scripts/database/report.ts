import Table from "cli-table3";
import { type Backups, type Node, type Restored, restorable } from "./read.ts";

const style = { style: { head: [], border: [], compact: true } };
const time = (milliseconds: number): string => new Date(milliseconds).toISOString().replace(/\.\d+/, "");
const mib = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);

/** Binary logs older than this are late: they are copied every ten seconds. */
const lateSeconds = 60;

/** A full backup takes its time, and is restored before it counts: it is late when half a period more has passed. */
const lateFull = (fullEveryHours: number): number => 1.5 * fullEveryHours * 3_600_000;

/** What is not as it should be; empty when all is well. */
export function unwell(nodes: readonly Node[], backups: Backups, fullEveryHours: number, now: number): string[] {
  const writers = nodes.filter(({ writer }) => writer).length;
  const last = Math.max(...backups.fulls.filter(({ verified }) => verified?.sound).map(({ end }) => end));
  const window = restorable(backups);
  return [
    ...nodes.filter(({ healthy }) => !healthy).map(({ host, said }) => `${host}: ${said}`),
    ...(writers === 1 ? [] : [`${writers} nodes are the writer`]),
    ...(window ? [] : ["there is no full backup that was restored and found sound"]),
    ...(window && now - last > lateFull(fullEveryHours)
      ? [`the last full backup that was found sound is of ${time(last)}; one is due every ${fullEveryHours} h`]
      : []),
    ...(window && now - window.until > lateSeconds * 1000 ? [`the last copy of a binary log is of ${time(window.until)}`] : []),
    ...backups.problems.map(({ problem, at, said }) => `${problem}, ${at}: ${said}`),
  ];
}

/** The status of a site's database and its backups. */
export function renderStatus(
  { title, target, fullEveryHours }: { readonly title: string; readonly target: string; readonly fullEveryHours: number },
  nodes: readonly Node[],
  backups: Backups,
  now: number,
): string {
  const table = new Table({ head: ["node", "health", "writer"], ...style });
  for (const { host, said, writer } of nodes) table.push([host, said, writer ? "yes" : ""]);
  const fulls = new Table({ head: ["full backup until", "of", "MiB", "restored and read"], ...style });
  for (const { end, host, bytes, verified } of backups.fulls)
    fulls.push([time(end), host, mib(bytes), verified ? `${verified.sound ? "sound" : "NOT SOUND"}, ${verified.at}` : "not yet"]);
  const logs = new Table({ head: ["binary logs of", "from", "until", "MiB"], ...style });
  for (const { name, from, until, bytes } of backups.binlogs)
    logs.push([name.split("/")[0] ?? name, time(from), time(until), mib(bytes)]);
  const window = restorable(backups);
  const problems = unwell(nodes, backups, fullEveryHours, now);
  return [
    title,
    table.toString(),
    `Backups: ${target}`,
    fulls.toString(),
    logs.toString(),
    window
      ? `Can be restored to any second from ${time(window.from)} to ${time(window.until)}, ${Math.round((now - window.until) / 1000)} s ago.`
      : "Can't be restored to any time yet.",
    ...problems.map((problem) => `NOT WELL: ${problem}`),
  ].join("\n");
}

/** What a scratch server held. */
export function renderRestored({ full, to, last, binlogs, rows }: Restored): string {
  const table = new Table({ head: ["table", "rows"], colAligns: ["left", "right"], ...style });
  for (const [name, count] of Object.entries(rows)) table.push([name, count]);
  const [gtid, ...at] = last.split(" ");
  return [
    `Restored from ${full}, ${to === "end" ? "and all that follows" : `to ${to}`}; every table was read.`,
    binlogs === ""
      ? "No binary logs were replayed."
      : `Binary logs of ${binlogs.split("/")[0]}: ${gtid ? `last transaction ${gtid}, of ${at.join(" ")} UTC` : "no transaction since the full backup"}.`,
    table.toString(),
  ].join("\n");
}
