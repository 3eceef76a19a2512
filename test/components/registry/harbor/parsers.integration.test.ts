import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chownSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, before, test } from "node:test";
import { accounts, harborData, harborFile } from "../../../../components/registry/harbor/harbor.render.ts";
import { harborParts } from "../../../../components/registry/harbor/parts.render.ts";
import { harborPorts } from "../../../../environments/model/ports.ts";
import { serviceAccount } from "../../../../environments/model/service-account.ts";
import type { Site } from "../../../../environments/model/topology.ts";
import { runTool } from "../../../../scripts/console/log.ts";
import type { ImageRecipe } from "../../../../scripts/lab/images.ts";
import { serviceImages } from "../../../../scripts/lab/service-images.ts";
import { spawnOwned } from "../../../support/interrupted.ts";
import { unpacked } from "../../../support/unpacked.ts";
import { harborOf, plantedSecrets, reference, renderedFiles } from "./harbors.ts";

// No image of Harbor is to be had here: what its parts read is given to Debian's builds of the same programs, in a network of their own.

const programs: ImageRecipe = {
  repository: "tandem/harbor-programs",
  packages: ["curl", "nginx", "postgresql", "redis-server"],
  removed: ["/etc/nginx/nginx.conf", "/etc/redis", "/var/lib/postgresql"],
  contents: { texts: [JSON.stringify(accounts)], files: [] },
  furnish: async (root) => {
    // PostgreSQL asks for its account's name.
    await runTool("chroot", [
      root,
      "useradd",
      "--non-unique",
      "--uid",
      String(accounts.data),
      "--home-dir",
      "/nonexistent",
      "data",
    ]);
  },
  changes: [],
};

const [site] = reference.sites as [Site];
const { host } = harborOf(site);
const address = host.addresses.management;
const parts = harborParts(harborOf(site));
const roots = new Map<"programs" | "registry", string>();
const removals: (() => void)[] = [];

before(async () => {
  for (const [name, recipe] of [
    ["programs", programs],
    ["registry", serviceImages.registry],
  ] as const) {
    const { root, remove } = await unpacked(recipe);
    removals.push(remove);
    roots.set(name, root);
    const configuration = join(root, "/etc/tandem/harbor");
    mkdirSync(configuration, { recursive: true });
    const certificate = join(configuration, "front.pem");
    const asked = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=front", "-keyout", certificate];
    const issued = execFileSync("openssl", [...asked, "-out", "-"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    writeFileSync(certificate, issued, { flag: "a" });
    for (const file of renderedFiles(site).filter(({ name: each }) => each !== "front.pem"))
      writeFileSync(join(root, harborFile(file.name)), file.text);
    // Whatever the group is allowed is enough.
    execFileSync("chgrp", ["--recursive", String(serviceAccount.id), configuration]);
    execFileSync("chmod", ["--recursive", "u=rwX,g=rX,o=", configuration]);
    for (const { name: part, user, memory, data } of parts)
      for (const path of [...memory, ...(data === part ? [harborData(part)] : [])]) {
        mkdirSync(join(root, path), { recursive: true });
        chownSync(join(root, path), user, user);
      }
  }
});

after(() => {
  for (const remove of removals) remove();
});

/** What a script prints that runs as a part's account in its container would, on a host that has but the address of its management plane; and its code. */
async function run(
  root: "programs" | "registry",
  user: number,
  script: string,
): Promise<{ readonly code: number; readonly said: string }> {
  const at = roots.get(root) ?? assert.fail(root);
  const whole = `ip link set lo up
ip address add ${address}/32 dev lo
echo 443 > /proc/sys/net/ipv4/ip_unprivileged_port_start
mount --bind /dev ${at}/dev
mount -t proc proc ${at}/proc
exec chroot --userspec=${user}:${serviceAccount.id} --groups= ${at} bash -c "$SCRIPT"`;
  const isolated = ["--net", "--mount", "--pid", "--fork", "--kill-child", "sh", "-ec", whole];
  // What begins something ends with it.
  const SCRIPT = `export LC_ALL=C.UTF-8 HOME=/tmp PATH=/usr/lib/postgresql/15/bin:$PATH
until_it() { for _ in $(seq 150); do "$@" > /dev/null 2>&1 && return; sleep 0.2; done; echo "in vain: $*"; exit 99; }
${script}`;
  const child = spawnOwned("unshare", isolated, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, SCRIPT } });
  const exited = new Promise<number>((resolve) => child.once("exit", (code) => resolve(code ?? -1)));
  const said = await Promise.all([child.stdout, child.stderr].map((stream) => (stream ? text(stream) : "")));
  return { code: await exited, said: said.join("").trim() };
}

const partOf = (name: string) => parts.find((part) => part.name === name) ?? assert.fail(name);
const quoted = (words: readonly string[]): string => words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
const commandOf = (name: string): string => quoted([partOf(name).entrypoint ?? "", ...(partOf(name).command ?? [])]);
const healthOf = (name: string): string => quoted(partOf(name).health.command);
const status = (url: string, more = ""): string =>
  `curl --silent --insecure --output /dev/null --write-out '%{http_code} ' ${more} ${url}`;

test("nginx takes the front's and the portal's configuration; the front passes on what it should", async () => {
  const { code, said } = await run(
    "programs",
    accounts.harbor,
    `${commandOf("portal")} & ${commandOf("front")} > /tmp/log 2>&1 &
until_it ${healthOf("portal")}
until_it curl --insecure https://${address}/
for path in / /anything /v1/ /service/notifications /api/v2.0/ping /v2/ /metrics; do ${status(`https://${address}$path`)}; done
${status(`https://${address}/metrics`, `--user monitoring:${plantedSecrets.monitoring}`)}
${status(`https://${address}/metrics/registry`, "--user monitoring:wrong")}
${status(`http://${address}:${harborPorts.portal}/`)}
curl --silent --insecure --head https://${address}/ | grep -i '^x-frame-options'
${healthOf("front")} || echo "not well without core"`,
  );
  // The page that Debian has where Harbor's portal is; what is not there can't be passed on to; where nobody listens there is no status.
  assert.equal(said, "200 200 404 404 502 502 401 502 401 000 X-Frame-Options: DENY\r\nnot well without core");
  assert.equal(code, 0);
});

test("distribution serves by the registry's configuration, to whom knows the password, on loopback", async () => {
  const root = roots.get("registry") ?? assert.fail();
  // In the image's place: it starts distribution with the file where the image has it.
  mkdirSync(join(root, "/home/harbor"), { recursive: true });
  writeFileSync(join(root, "/home/harbor/entrypoint.sh"), "exec docker-registry serve /etc/registry/config.yml\n", {
    mode: 0o755,
  });
  const start = `${commandOf("registry")} > /tmp/log 2>&1 &`;
  const api = `http://127.0.0.1:${harborPorts.registry}/v2/`;
  const { said } = await run(
    "registry",
    accounts.harbor,
    `${start.replace("'sh'", "'bash'")}
until_it ${healthOf("registry")}
${status(api)}
${status(api, `--user harbor_registry_user:${plantedSecrets.storage}`)}
${status(api, "--user harbor_registry_user:wrong")}
${status(`http://127.0.0.1:${harborPorts.registryMetrics}/metrics`)}
${status(`http://${address}:${harborPorts.registry}/`)}`,
  );
  assert.equal(said, "401 200 401 200 000");
});

test("Redis takes its configuration, answers to whom knows the password, on loopback, and leaves its data behind", async () => {
  const asked = `redis-cli -h 127.0.0.1 -p ${harborPorts.redis}`;
  const { said } = await run(
    "programs",
    accounts.data,
    `${commandOf("redis")} > /tmp/redis.log & server=$!
until_it ${healthOf("redis")}
${asked} get a
redis-cli -h ${address} -p ${harborPorts.redis} ping 2>&1 | grep -o 'Connection refused'
export REDISCLI_AUTH=${plantedSecrets.redis}
${asked} set a b; ${asked} config get maxmemory-policy; ${asked} config get save
kill $server; wait $server; ls ${harborData("redis")}`,
  );
  assert.deepEqual(
    said.split("\n").filter((line) => line !== ""),
    [
      "NOAUTH Authentication required.",
      "Connection refused",
      "OK",
      "maxmemory-policy",
      "noeviction",
      "save",
      "900 1 300 10 60 10000",
      "dump.rdb",
    ],
  );
});

test("PostgreSQL, begun as its image begins it, lets nobody in without the password, and ends at once when it is told to", async () => {
  // As the image's own start: it makes a cluster that trusts everybody on the host, and becomes the server.
  const begin = `set -e
initdb --pgdata="$PGDATA/pg15" --username=postgres --auth=trust > /dev/null
pg_ctl --pgdata="$PGDATA/pg15" --options="-c listen_addresses='' -c unix_socket_directories=/tmp" --wait start > /dev/null
psql --host=/tmp --username=postgres --quiet --command="CREATE DATABASE registry" --command="ALTER USER postgres PASSWORD '$(< "$POSTGRES_PASSWORD_FILE")'"
pg_ctl --pgdata="$PGDATA/pg15" --wait stop > /dev/null
exec postgres -D "$PGDATA/pg15" -c max_connections="$POSTGRES_MAX_CONNECTIONS" -c unix_socket_directories=/tmp`;
  writeFileSync(join(roots.get("programs") ?? assert.fail(), "/begin"), begin);
  const as = `psql --username=postgres --dbname=registry --no-password --tuples-only --no-align --quiet`;
  const settings = ["listen_addresses", "max_connections", "dynamic_shared_memory_type", "hba_file", "password_encryption"];
  const { said } = await run(
    "programs",
    accounts.data,
    `${Object.entries(partOf("database").environment ?? {})
      .map(([key, value]) => `${key}=${value}`)
      .join(" ")} bash /begin > /tmp/postgres.log 2>&1 & server=$!
until_it ${healthOf("database")}
${as} --host=127.0.0.1 --command='SELECT 1' 2>&1 | grep -o 'no password supplied'
${as} --host=/tmp --command='SELECT 1' 2>&1 | grep -o 'no pg_hba.conf entry for host "\\[local\\]"'
${as} --host=${address} --command='SELECT 1' 2>&1 | grep -o 'Connection refused'
PGPASSWORD=wrong ${as} --host=127.0.0.1 --command='SELECT 1' 2>&1 | grep -o 'password authentication failed'
export PGPASSWORD=${plantedSecrets.database}
${settings.map((name) => `${as} --host=127.0.0.1 --command='SHOW ${name}'`).join("\n")}
${as} --host=127.0.0.1 --command='SELECT pg_sleep(60)' > /dev/null 2>&1 & sleeping=$!
until_it sh -c "${as} --host=127.0.0.1 --command=\\"SELECT 1/count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'\\""
kill -s ${partOf("database").stopSignal?.replace("SIG", "")} $server; wait $server; echo "ended with $?"`,
  );
  assert.deepEqual(said.split("\n"), [
    "no password supplied",
    'no pg_hba.conf entry for host "[local]"',
    "Connection refused",
    "password authentication failed",
    "127.0.0.1",
    "250",
    "mmap",
    harborFile("database.hba"),
    "scram-sha-256",
    "ended with 0",
  ]);
});

test("what the shell reads is as it was meant", async () => {
  const names = renderedFiles(site)
    .map(({ name }) => name)
    .filter((name) => /\.(env|secrets)$/.test(name));
  assert.ok(names.length > 8);
  const { said } = await run(
    "programs",
    accounts.harbor,
    `set -a; for file in ${names.map(harborFile).join(" ")}; do . $file; done; env`,
  );
  const read = new Map(said.split("\n").map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]));
  assert.equal(read.get("HARBOR_ADMIN_PASSWORD"), plantedSecrets.administrator);
  assert.equal(read.get("SCANNER_REDIS_URL"), `redis://:${plantedSecrets.redis}@127.0.0.1:6379/5?idle_timeout_seconds=30`);
  assert.equal(read.get("EXT_ENDPOINT"), harborOf(site).url);
});
