import { join } from "node:path";
import { outageOf } from "../../../environments/model/outages.ts";
import { stateDirectory } from "../../console/directories.ts";
import { UserError } from "../../console/errors.ts";
import { writeWhole } from "../../console/files.ts";
import { interruptSignal, runSteps, type Step } from "../../console/steps.ts";
import { withTemporaryDirectory } from "../../console/temporary-directory.ts";
import { nearest } from "../../deploy/nearest.ts";
import { openPlatform } from "../../deploy/surroundings.ts";
import { configurationDigest } from "../digest.ts";
import { hostsOf } from "../machines.ts";
import { withLabLock } from "../up.ts";
import { type Case, cases } from "./cases.ts";
import { readCredentials } from "./credentials.ts";
import { drillCase } from "./drill-case.ts";
import { placeOf } from "./places.ts";
import { type Drill, renderDrill, renderMarkdown } from "./report.ts";
import { type CaseResult, missed, type Run } from "./results.ts";
import { type Session, startWatch } from "./session.ts";

export interface DrillOptions {
  readonly site?: string;
  /** Names of cases; all when none is named. */
  readonly case: readonly string[];
  readonly repeat: number;
}

/** The cases that the user named, in the drill's own order. */
export function chosenCases(names: readonly string[]): readonly Case[] {
  const known = cases.map(({ name }) => name);
  const [unknown] = names.filter((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new UserError(
      `--case ${JSON.stringify(unknown)}: there is no such case${nearest(unknown, known)}; allowed are ${known.join(", ")}`,
    );
  return names.length === 0 ? cases : cases.filter(({ name }) => names.includes(name));
}

/** Breaks the lab's parts in turn while clients write, and says what they saw. True when all promises were kept. */
export async function drill(options: DrillOptions, say: (line: string) => void): Promise<boolean> {
  const chosen = chosenCases(options.case);
  const signal = interruptSignal();
  return await withLabLock("failover", () =>
    withTemporaryDirectory(async (directory) => {
      const startedAt = new Date().toISOString();
      const runs = new Map<string, Run[]>(chosen.map(({ name }) => [name, []]));
      let session: Session | undefined;
      let ended: unknown;
      const prepare: Step = {
        title: "credentials, and a look at the database from its own network",
        run: async (report) => {
          session = await openSession(options.site, directory, report, signal);
          return session.place.site.name;
        },
      };
      const steps = chosen.flatMap((one) =>
        Array.from({ length: options.repeat }, (_, turn) => stepOf(one, turn, options.repeat)),
      );
      function stepOf(one: Case, turn: number, of: number): Step {
        return {
          title: `${one.what}${of > 1 ? ` (${turn + 1} of ${of})` : ""}`,
          run: async (report) => {
            signal.throwIfAborted();
            if (!session) throw new Error("a drill without a session");
            const run = await drillCase(session, one, `${one.name}-${turn + 1}-${process.pid}`, report);
            runs.get(one.name)?.push(run);
            if (run.healedSeconds === undefined)
              throw new UserError(
                `${one.name}: the site did not heal, so the drill ends here; look at:\n${run.remains.join("\n")}`,
              );
            return summary(run);
          },
        };
      }
      try {
        await runSteps([prepare, ...steps]);
      } catch (error) {
        ended = signal.aborted ? signal.reason : error;
      } finally {
        await session?.watch.end();
      }
      const kept = session && (await conclude(session, chosen, runs, startedAt, say));
      if (ended !== undefined) throw ended;
      return kept === true;
    }),
  );
}

async function openSession(
  site: string | undefined,
  directory: string,
  report: (text: string) => void,
  signal: AbortSignal,
): Promise<Session> {
  const platform = await openPlatform("lab", report, signal);
  const { lab, topology, project } = platform;
  if (!lab) throw new UserError("lab: this platform is no lab");
  const place = placeOf(topology, site);
  report("reading what the clients log in with");
  const credentials = await readCredentials(project, topology.platform, place.site.name);
  const watch = await startWatch(lab, place, directory);
  return { lab, topology, place, hosts: hostsOf(topology), credentials, directory, watch, signal };
}

/** Writes what was seen, also of a drill that ended early; true when all promises were kept. */
export async function conclude(
  { lab, topology, place }: Pick<Session, "lab" | "topology" | "place">,
  chosen: readonly Case[],
  runs: ReadonlyMap<string, readonly Run[]>,
  startedAt: string,
  say: (line: string) => void,
): Promise<boolean> {
  const results = chosen.flatMap((one): CaseResult[] => {
    const own = runs.get(one.name) ?? [];
    return own.length > 0 ? [{ case: one, outage: one.failure && outageOf(one.failure, topology.timings), runs: own }] : [];
  });
  if (results.length === 0) return false;
  const { availability } = topology;
  const result: Drill = {
    site: place.site.name,
    availability,
    startedAt,
    digest: await configurationDigest(lab, topology, place.site.name),
    results,
  };
  // Not the lab's own directory: a report outlives the lab.
  const file = join(stateDirectory, "failover", `${startedAt.replaceAll(":", "").slice(0, 17)}-${place.site.name}.md`);
  writeWhole(file, renderMarkdown(result));
  say(renderDrill(result));
  say(`\nWritten to ${file}`);
  return results.every((one) => missed(one, availability).length === 0);
}

function summary({ clients, writerChanges }: Run): string {
  const seen = (["rows", "objects"] as const).map((client) => `${client} ${clients[client]?.observed?.toFixed(1) ?? "–"} s`);
  const lost = Object.values(clients).reduce((sum, result) => sum + (result.lost ?? 0), 0);
  return `${seen.join(", ")}, ${lost} lost, ${writerChanges} writer changes`;
}
