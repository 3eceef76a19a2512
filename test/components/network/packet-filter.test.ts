import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { keptFile, renderApply, renderLoaded, rulesFile } from "../../../components/network/packet-filter.render.ts";
import { until } from "../../support/until.ts";

// The scripts run in a real shell. The host's directories are moved below the test's own; the kernel is a file, nft what writes it, and time passes
// when the test says so.
let root: string;
const realSleep = execFileSync("sh", ["-c", "command -v sleep"], { encoding: "utf8" }).trim();

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "tandem-packet-filter-"));
  for (const directory of ["bin", "etc", "var/replaced"]) mkdirSync(join(root, directory), { recursive: true });
  const program = (name: string, text: string): void =>
    writeFileSync(join(root, "bin", name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  program("logger", "");
  program(
    "sleep",
    `for turn in $(seq 3000); do [ -d ${root} ] && [ ! -e ${root}/time-is-over ] || exit 0; ${realSleep} 0.02; done`,
  );
  program(
    "nft",
    `case $1 in
  --file) grep -q unsound "$2" && exit 1; cp "$2" ${root}/kernel; [ ! -e ${root}/killed-when-live ] || { rm ${root}/killed-when-live; kill -9 $PPID; } ;;
  --stateless) cat ${root}/kernel ;;
  *) rm -f ${root}/kernel ;;
esac`,
  );
});
// What brings rules back may still be writing down that it did.
afterEach(() => rmSync(root, { recursive: true, force: true, maxRetries: 10 }));

const here = (text: string): string =>
  text
    .replaceAll("/etc/", `${root}/etc/`)
    .replaceAll("/var/lib/tandem", `${root}/var`)
    .replaceAll("/run/systemd", `${root}/no-systemd`);
const run = (script: string) =>
  spawnSync("sh", ["-c", here(script)], { env: { PATH: `${root}/bin:${process.env["PATH"]}` }, encoding: "utf8" });
const read = (file: string): string => readFileSync(here(file), "utf8");
const write = (file: string, text: string): void => writeFileSync(here(file), text);
const kernel = (): string => readFileSync(join(root, "kernel"), "utf8");
const apply = () => run(renderApply());
/** What brings the last good rules back, as long as nobody was reached, comes now. */
const timeIsOver = (): void => write(`${root}/time-is-over`, "");
const reach = (rules: string) => run(renderLoaded(createHash("sha256").update(rules).digest("hex")));

const good = "good rules\n";
const locking = "rules that lock everybody out\n";

function withGoodRules(): void {
  write(rulesFile, good);
  assert.equal(apply().status, 0);
  assert.equal(reach(good).status, 0);
  assert.equal(read(keptFile), good);
}

async function goodComeBack(): Promise<void> {
  timeIsOver();
  await until("the good rules are back, and known to be in force", () => kernel() === good && reach(good).status === 0);
}

test("rules that the host is reached under stay, and are what it boots with", async () => {
  withGoodRules();
  write(rulesFile, "better rules\n");
  assert.equal(apply().status, 0);
  assert.equal(reach("better rules\n").status, 0);
  // Later ones that nobody reaches the host under show when the time of these is over.
  write(rulesFile, locking);
  apply();
  timeIsOver();
  await until("the better ones are back", () => kernel() === "better rules\n" && read(rulesFile) === "better rules\n");
  assert.equal(read(keptFile), "better rules\n");
});

test("rules that nobody reaches the host under go by themselves", async () => {
  withGoodRules();
  write(rulesFile, locking);
  assert.equal(apply().status, 0);
  assert.equal(kernel(), locking);
  await goodComeBack();
});

test("rules go by themselves also when who took them up is killed the moment that they are live", async () => {
  withGoodRules();
  write(rulesFile, locking);
  write(`${root}/killed-when-live`, "");
  assert.equal(apply().signal, "SIGKILL");
  assert.equal(kernel(), locking);
  await goodComeBack();
});

test("the first rules of a host that nobody reaches go, too: anybody may come, and nothing passes", async () => {
  write(keptFile, "Debian's own\n");
  write(rulesFile, locking);
  write(`${root}/killed-when-live`, "");
  assert.equal(apply().signal, "SIGKILL");
  assert.equal(kernel(), locking);
  timeIsOver();
  await until("they are gone", () => read(rulesFile) !== locking);
  assert.equal(kernel(), read(keptFile));
  assert.match(kernel(), /hook forward .* policy drop;/);
  const [aside = ""] = readdirSync(join(root, "var/replaced"));
  assert.equal(read(`${root}/var/replaced/${aside}`), "Debian's own\n");
});

test("rules that nftables does not take change nothing, neither at once nor later", async () => {
  withGoodRules();
  write(rulesFile, "unsound rules\n");
  assert.notEqual(apply().status, 0);
  assert.equal(kernel(), good);
  await goodComeBack();
  assert.equal(read(keptFile), good);
});

test("on a full disk nothing is taken up that there would be no return from, and no good file is lost", () => {
  write(keptFile, "Debian's own\n");
  write(rulesFile, locking);
  symlinkSync("/dev/full", here(`${keptFile}.new`));
  assert.notEqual(apply().status, 0);
  assert.equal(read(keptFile), "Debian's own\n");
  assert.equal(existsSync(join(root, "kernel")), false);
});

test("what was put aside is there before its place is taken", () => {
  write(keptFile, "Debian's own\n");
  write(rulesFile, locking);
  rmSync(join(root, "var/replaced"), { recursive: true });
  assert.notEqual(apply().status, 0);
  assert.equal(read(keptFile), "Debian's own\n");
});

test("on a full disk the last good rules come back into the kernel, and what is declared stays to be seen as not in force", async () => {
  withGoodRules();
  write(rulesFile, locking);
  assert.equal(apply().status, 0);
  symlinkSync("/dev/full", here(`${rulesFile}.new`));
  timeIsOver();
  await until("the good rules are back", () => kernel() === good);
  assert.equal(read(rulesFile), locking);
  assert.notEqual(reach(locking).status, 0);
});

for (const [what, file] of [
  ["rules", `${keptFile}.new`],
  ["record", "/var/lib/tandem/packet-filter/kept.new"],
] as const)
  test(`a full disk when new rules are kept leaves the kept ones as they were: ${what}`, () => {
    withGoodRules();
    write(rulesFile, "better rules\n");
    assert.equal(apply().status, 0);
    symlinkSync("/dev/full", here(file));
    assert.notEqual(reach("better rules\n").status, 0);
    assert.equal(read(keptFile), good);
    rmSync(here(file));
    assert.equal(reach("better rules\n").status, 0);
    assert.equal(read(keptFile), "better rules\n");
  });
