// npm test: packages, engine and images as far as the tests need them, the static checks, then every test that it has time for. `--unit`: only what
// needs neither; `--lab`: only what takes longer.
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { staticChecks } from "./check.ts";
import { checkout } from "./console/directories.ts";
import { main } from "./console/errors.ts";
import { interruptSignal, renderTimes, runSteps, type Step } from "./console/steps.ts";
import { withTemporaryDirectory } from "./console/temporary-directory.ts";
import { buildImage } from "./lab/images.ts";
import { builtForImages, serviceImages } from "./lab/service-images.ts";
import { ensureEngine } from "./toolchain/engine.ts";
import { ensureKubernetesBinaries } from "./toolchain/kubernetes-binaries.ts";

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** A process a group of unit tests and not one a file: starting Node and reading the same packages would take longer than the tests themselves. */
const groups = [
  ["test/components/network/", "test/environments/"],
  ["test/scripts/lab/"],
  ["test/stacks/", "test/components/"],
  ["test/"],
] as const;

/** Short processes that make much and keep little: V8's default of 16 MiB collects it again and again. */
const youngGeneration = "--max-semi-space-size=64";

/** For one test: what hangs fails by its name, and the others have their turn. */
const minutesATest = { usual: 25, lab: 180 } as const;

/** Tests that bring up the whole of a lab. */
const wholeLab = /^test\/[^/]*lab[^/]*$/;

/** Programs that only `--lab` needs. */
const forLabAlone = ["csi-provisioner", "csi-snapshotter", "snapshot-controller"] as const;

await main(async () => {
  const signal = interruptSignal();
  const unitOnly = process.argv.includes("--unit");
  const labOnly = process.argv.includes("--lab");
  const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
  const all = globSync("test/**/*.test.ts", { cwd: checkout })
    .filter((file) => file.endsWith(".lab.test.ts") === labOnly)
    .sort();
  const chosen = wanted.length > 0 ? all.filter((file) => wanted.some((word) => file.includes(word))) : all;
  const integration = chosen.filter((file) => /\.(integration|lab)\.test\.ts$/.test(file));
  const unit = chosen.filter((file) => !integration.includes(file));

  const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  if (!unitOnly && !labOnly && wanted.length === 0) {
    const times = await runSteps(staticChecks());
    process.stdout.write(`${renderTimes(times)}\n`);
  }
  const timeout = 60_000 * (labOnly ? minutesATest.lab : minutesATest.usual);
  await runUnitTests(unit, { signal, timeout }, counts);
  // Real engines, containers and databases: one file at a time, or they would share two cores and one machine's addresses.
  if (!unitOnly && integration.length > 0 && !signal.aborted) {
    const runAll = async (first: readonly Step[]): Promise<void> => {
      process.stdout.write(`${renderTimes(await runSteps([...first, ...ground(signal, labOnly)]))}\n`);
      await runFiles(integration, { concurrency: 1, signal, timeout }, counts);
    };
    if (integration.some((file) => wholeLab.test(file))) {
      // Unit tests need nothing of the lab's programs.
      const { roomStep, withRoom } = await import("./lab/room.ts");
      await withRoom(() => runAll([roomStep]));
    } else await runAll([]);
  }
  process.stdout.write(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
  return counts.failed > 0 || counts.passed === 0 || signal.aborted ? 1 : 0;
});

/** What integration tests share, made before them: in a test's own process nobody would see how far a build is. */
function ground(signal: AbortSignal, ofLab: boolean): Step[] {
  return [
    { title: "engine: the CLI and its plugins", run: async (report) => void (await ensureEngine({ signal }, report)) },
    {
      title: "Kubernetes' control plane, and what simulates nodes",
      run: async (report) =>
        void (await ensureKubernetesBinaries([...builtForImages, "kwok", ...(ofLab ? forLabAlone : [])], report, signal)),
    },
    {
      title: "image of the lab's database",
      run: async (report) => void (await buildImage(serviceImages.database, report, signal)),
    },
  ];
}

interface Bounds {
  readonly signal: AbortSignal;
  /** Of one test, in milliseconds. */
  readonly timeout: number;
}

async function runUnitTests(files: readonly string[], bounds: Bounds, counts: Counts): Promise<void> {
  await withTemporaryDirectory(async (directory) => {
    const byGroup = Map.groupBy(files, (file) => groups.find((group) => group.some((part) => file.startsWith(part))));
    const bundles = [...byGroup.values()].map((part, index) => {
      const bundle = join(directory, `${index}.mts`);
      writeFileSync(bundle, part.map((file) => `import ${JSON.stringify(join(checkout, file))};\n`).join(""));
      return bundle;
    });
    await runFiles(bundles, { ...bounds, concurrency: groups.length }, counts);
  });
}

async function runFiles(
  files: readonly string[],
  bounds: Bounds & { readonly concurrency: number },
  counts: Counts,
): Promise<void> {
  if (files.length === 0 || bounds.signal.aborted) return;
  const stream = run({ ...bounds, files: [...files], cwd: checkout, execArgv: [youngGeneration] });
  // What a test that hung left open would keep its process forever.
  const stuck = setInterval(endTestProcesses, bounds.timeout + 60_000);
  stream.on("test:complete", () => stuck.refresh());
  stream.on("test:summary", ({ file, counts: of }) => {
    if (file !== undefined) return;
    counts.passed += of.passed;
    counts.failed += of.tests - of.passed - of.skipped - of.todo;
    counts.skipped += of.skipped + of.todo;
  });
  const shown = stream.compose(spec);
  shown.pipe(process.stdout, { end: false });
  await new Promise<void>((resolve, reject) => shown.on("end", resolve).on("error", reject)).finally(() => clearInterval(stuck));
}

/** Interrupts them, so that they take away what they made. */
function endTestProcesses(): void {
  const children = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, "utf8").split(" ");
  for (const pid of children.filter((text) => text.trim() !== "")) process.kill(Number(pid), "SIGTERM");
}
