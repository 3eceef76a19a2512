// Runs on any Node from 18 on: installs the packages (Node 24 is one of them) when they are missing or old, then hands over.
// Plain JavaScript on purpose: nothing can be stripped or imported before the packages are there.
// All that it says goes to stderr: what the script prints on stdout may be for another program.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { closeSync, existsSync, linkSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, "node_modules");
const stamp = join(modules, ".tandem-installed");
const lock = join(root, ".tandem-installing");
const node = join(modules, `node-${process.platform}-${process.arch}`, "bin", "node");
const lockText = readFileSync(join(root, "package-lock.json"));
const wanted = createHash("sha256").update(lockText).digest("hex");

const installed = () => existsSync(node) && existsSync(stamp) && readFileSync(stamp, "utf8") === wanted;

const say = (message) => process.stderr.write(`${message}\n`);

function fail(message) {
  say(message);
  process.exit(1);
}

// The lock is as in console/lock.ts: a file that names its holder by process id and start, and is held while that process lives.

/** A process as no later one can be; undefined where there is none. */
function markOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? undefined : `${pid}:${fields[19]}`;
  } catch {
    return undefined;
  }
}

function holderOf(path) {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
    return undefined;
  }
}

function isDead(path) {
  const holder = holderOf(path);
  return holder !== undefined && markOf(holder.split(":")[0]) !== holder;
}

function place(path) {
  const beside = `${path}.${process.pid}`;
  writeFileSync(beside, markOf(process.pid));
  try {
    linkSync(beside, path);
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
    return false;
  } finally {
    rmSync(beside);
  }
}

function take(path) {
  if (place(path)) return true;
  if (!isDead(path)) return false;
  // Of several that see the same dead holder, one removes its lock: another could otherwise remove the lock that the first then took.
  const takeover = `${path}.takeover`;
  if (!take(takeover)) return false;
  try {
    if (isDead(path)) rmSync(path, { force: true });
  } finally {
    rmSync(takeover, { force: true });
  }
  return place(path);
}

function takeLock() {
  const deadline = Date.now() + 10 * 60_000;
  for (let said = false; !take(lock); said = true) {
    if (Date.now() > deadline)
      fail(`packages: process ${holderOf(lock)?.split(":")[0]} has been installing for 10 minutes; end it and run again`);
    if (!said) say("packages: another process is installing them, waiting for it");
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  }
}

/** A command that gets a signal when this process dies, however that comes about: nothing that it began goes on without it. */
function bound(signal, ...command) {
  const setpriv = "/usr/bin/setpriv";
  return existsSync(setpriv) ? [setpriv, "--pdeathsig", signal, ...command] : command;
}

/** Directories of the packages that this machine gets. */
function packageDirectories() {
  const fits = (allowed, here) => !allowed || allowed.includes(here);
  return Object.entries(JSON.parse(lockText).packages ?? {}).flatMap(([path, { os, cpu, libc }]) =>
    path !== "" && fits(os, process.platform) && fits(cpu, process.arch) && fits(libc, "glibc") ? [join(root, path)] : [],
  );
}

async function install() {
  takeLock();
  try {
    if (installed()) return;
    const started = Date.now();
    const log = join(tmpdir(), `tandem-npm-${process.pid}.log`);
    say("packages: installing with npm ci, about 550 MB on disk");
    const out = openSync(log, "w");
    const [file, ...words] = bound("KILL", "npm", "ci", "--ignore-scripts", "--no-fund", "--no-audit");
    const directories = packageDirectories();
    const progress = setInterval(() => {
      const there = directories.filter((directory) => existsSync(join(directory, "package.json"))).length;
      say(`packages: ${there} of ${directories.length} (${Math.round((Date.now() - started) / 1000)} s)`);
    }, 5_000);
    const [status] = await once(spawn(file, words, { cwd: root, stdio: ["ignore", out, out] }), "exit");
    clearInterval(progress);
    closeSync(out);
    if (status !== 0) {
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
    say(`packages: installed in ${Math.round((Date.now() - started) / 1000)} s`);
  } finally {
    rmSync(lock, { force: true });
  }
}

if (!installed()) await install();

const [script, ...args] = process.argv.slice(2);
const env = {
  // Half of a short command is spent on compiling the same packages again. As cacheDirectory in console/directories.ts.
  NODE_COMPILE_CACHE: join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "tandem", "node-compile"),
  ...process.env,
  PATH: `${dirname(node)}:${process.env.PATH ?? ""}`,
};
const [file, ...words] = bound("TERM", node, "--disable-warning=ExperimentalWarning", join(root, script), ...args);
const child = spawn(file, words, { stdio: "inherit", env });
// A terminal sends Ctrl-C to the whole group; a supervisor's TERM comes only to us and is passed on. Either way the child decides.
process.on("SIGINT", () => {});
for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("exit", (code, signal) => process.exit(signal ? 130 : code));
