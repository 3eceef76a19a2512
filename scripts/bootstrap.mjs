// Runs on any Node from 18 on: installs the packages (Node 24 is one of them) when they are missing or old, then hands over.
// Plain JavaScript on purpose: nothing can be stripped or imported before the packages are there.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, "node_modules");
const stamp = join(modules, ".tandem-installed");
const lock = join(root, ".tandem-installing");
const node = join(modules, `node-${process.platform}-${process.arch}`, "bin", "node");
const wanted = createHash("sha256")
  .update(readFileSync(join(root, "package-lock.json")))
  .digest("hex");

const installed = () => existsSync(node) && existsSync(stamp) && readFileSync(stamp, "utf8") === wanted;

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

function holderIsAlive() {
  try {
    process.kill(Number(readFileSync(lock, "utf8")), 0);
    return true;
  } catch (error) {
    return error.code === "EPERM" || (error.code === undefined && Date.now() - statSync(lock).mtimeMs < 1000);
  }
}

function takeLock() {
  const deadline = Date.now() + 10 * 60_000;
  for (let said = false; ; ) {
    try {
      writeFileSync(lock, String(process.pid), { flag: "wx" });
      return;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    if (!holderIsAlive()) {
      rmSync(lock, { force: true });
      continue;
    }
    if (Date.now() > deadline)
      fail(`packages: process ${readFileSync(lock, "utf8")} has been installing for 10 minutes; end it and run again`);
    if (!said) process.stdout.write("packages: another process is installing them, waiting for it\n");
    said = true;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  }
}

function install() {
  takeLock();
  try {
    if (installed()) return;
    const started = Date.now();
    const log = join(tmpdir(), `tandem-npm-${process.pid}.log`);
    process.stdout.write("packages: installing with npm ci, about 550 MB on disk\n");
    const out = openSync(log, "w");
    const result = spawnSync("npm", ["ci", "--ignore-scripts", "--no-fund", "--no-audit"], {
      cwd: root,
      stdio: ["ignore", out, out],
    });
    closeSync(out);
    if (result.status !== 0) {
      const last = readFileSync(log, "utf8").trimEnd().split("\n").slice(-15).join("\n");
      fail(`packages: npm ci failed\n${last}\nAll of its output: ${log}`);
    }
    if (!existsSync(node)) {
      fail(
        `packages: no Node 24 for ${process.platform}-${process.arch}; allowed: linux-x64, linux-arm64. Run Tandem on one of these.`,
      );
    }
    rmSync(log, { force: true });
    mkdirSync(modules, { recursive: true });
    writeFileSync(stamp, wanted);
    process.stdout.write(`packages: installed in ${Math.round((Date.now() - started) / 1000)} s\n`);
  } finally {
    rmSync(lock, { force: true });
  }
}

if (!installed()) install();

const [script, ...args] = process.argv.slice(2);
const env = { ...process.env, PATH: `${dirname(node)}:${process.env.PATH ?? ""}` };
const child = spawn(node, ["--disable-warning=ExperimentalWarning", join(root, script), ...args], { stdio: "inherit", env });
// A terminal sends Ctrl-C to the whole group; a supervisor's TERM comes only to us and is passed on. Either way the child decides.
process.on("SIGINT", () => {});
for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("exit", (code, signal) => process.exit(signal ? 130 : code));
