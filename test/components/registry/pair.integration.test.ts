import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { shellQuote } from "../../../components/host/shell.ts";
import { UserError } from "../../../scripts/console/errors.ts";
import { fillAll } from "../../../scripts/registry/fill.ts";
import type { SeedImage } from "../../../scripts/registry/seed.ts";
import { afterAlways } from "../../support/interrupted.ts";
import { writeOciImage } from "../../support/oci-image.ts";
import { until } from "../../support/until.ts";
import type { OneRegistry } from "./one-registry.ts";
import { type RegistryPair, startPair } from "./pair.ts";

let pair: RegistryPair;
let first: OneRegistry;
let second: OneRegistry;

before(async () => {
  pair = await startPair();
  ({ first, second } = pair);
  for (const registry of [first, second]) {
    await registry.start("server");
    await registry.start("front");
  }
});
afterAlways(async () => pair?.stop());

const address = ({ host }: OneRegistry): string => host.addresses.management;

/** HTTP status and body of a request. */
async function ask(
  registry: OneRegistry,
  account: string,
  method: string,
  path: string,
  form?: string,
): Promise<{ status: string; body: string }> {
  const login = account === "" ? "" : `--user '${account}:${pair.accounts[account] ?? "wrong"}'`;
  const method_ = method === "HEAD" ? "--head" : `--request ${method}`;
  const { output } = await registry.run(
    `curl --silent --insecure --path-as-is ${login} ${method_} ${form === undefined ? "" : `--data '${form}'`} --write-out '\\n%{http_code}' 'https://${address(registry)}${path}'`,
  );
  const [status = "", ...body] = output.split("\n").toReversed();
  return { status, body: body.toReversed().join("\n") };
}

/** Pushes an image of that many random bytes from the registry's own host; its digest, or what the client said. */
async function push(registry: OneRegistry, image: string, bytes = 1000, account = "push-policy") {
  const directory = image.replaceAll(/[/:]/g, "-");
  const digest = writeOciImage(join(pair.images, directory), bytes);
  const { code, output } = await registry.run(pushing(registry, image, directory, account));
  rmSync(join(pair.images, directory), { recursive: true });
  return { pushed: code === 0, digest, output };
}

const pushing = (registry: OneRegistry, image: string, directory: string, account: string): string =>
  `SSL_CERT_FILE=/etc/tandem/registry-replication/authorities.pem \\
  skopeo copy --insecure-policy --preserve-digests --dest-creds '${account}:${pair.accounts[account]}' oci:/images/${directory} docker://${address(registry)}/${image}`;

/** Until the other site's registry has exactly what this one has. */
const equal = async (from: OneRegistry, to: OneRegistry, timeoutMs: number): Promise<void> => {
  try {
    await until(
      `${to.host.name} has all that ${from.host.name} has`,
      async () => (await to.inventory()).join("\n") === (await from.inventory()).join("\n"),
      timeoutMs,
    );
  } catch (error) {
    throw new Error(`${(error as Error).message}; replication says: ${await from.replicated()}`);
  }
};

test("an account reads its zone's images and the platform's, pushes to its own project alone, and sees no list of others", async () => {
  const upload = "blobs/uploads/";
  const cases: readonly [account: string, method: string, path: string, status: string][] = [
    ["", "GET", "/v2/", "401"],
    ["nobody", "GET", "/v2/", "401"],
    ["pull-policy", "GET", "/v2/", "200"],
    ["pull-policy", "GET", "/v2/policy/app/tags/list", "404"],
    ["pull-policy", "GET", "/v2/platform/app/tags/list", "404"],
    ["pull-policy", "GET", "/v2/internet/app/tags/list", "403"],
    ["pull-policy", "GET", "/v2/policy/../internet/app/tags/list", "403"],
    ["pull-policy", "GET", "/v2/policy/%2e%2e/internet/app/tags/list", "403"],
    ["pull-policy", "GET", "/v2//internet/app/tags/list", "403"],
    ["pull-policy", "GET", "/v2/_catalog", "403"],
    ["pull-policy", "GET", "/metrics", "403"],
    ["pull-policy", "POST", `/v2/policy/app/${upload}`, "403"],
    ["push-policy", "POST", `/v2/policy/app/${upload}`, "202"],
    ["push-policy", "POST", `/v2/internet/app/${upload}`, "403"],
    ["push-policy", "POST", `/v2/platform/app/${upload}`, "403"],
    ["push-policy", "DELETE", "/v2/policy/app/manifests/1", "403"],
    ["push-platform", "POST", `/v2/platform/app/${upload}`, "202"],
    ["replication", "GET", "/v2/_catalog", "200"],
    ["monitoring", "GET", "/metrics", "200"],
    ["monitoring", "GET", "/v2/policy/app/tags/list", "403"],
  ];
  const found = [];
  for (const [account, method, path] of cases)
    found.push([account, method, path, (await ask(first, account, method, path)).status]);
  assert.deepEqual(found, cases);
});

test("another project's layer is not taken over by its digest, however it is asked for", async () => {
  await push(first, "internet/secret:1", 1000, "push-internet");
  const [line = ""] = await first.inventory();
  const layer = await first.run(
    `curl --silent --header 'Accept: application/vnd.oci.image.manifest.v1+json' http://127.0.0.1:5000/v2/internet/secret/manifests/1 | jq --raw-output '.layers[0].digest'`,
  );
  assert.match(line, /^internet\/secret 1 sha256:/);
  assert.match(layer.output, /^sha256:/);
  const uploads = "/v2/policy/app/blobs/uploads/";
  const wish = `mount=${layer.output}&from=internet/secret`;
  for (const [path, form] of [
    [`${uploads}?${wish}`, undefined],
    [`${uploads}?${wish.replace("mount", "%6dount")}`, undefined],
    [uploads, wish],
  ] as const)
    assert.equal((await ask(first, "push-policy", "POST", path, form)).status, "202", path);
  assert.equal((await ask(first, "push-policy", "HEAD", `/v2/policy/app/blobs/${layer.output}`)).status, "404");
});

test("images are pushed at the active site and by replication at the other one: who tries it elsewhere is told where", async () => {
  const upload = "/v2/policy/app/blobs/uploads/";
  const at = async (registry: OneRegistry, account: string) => {
    const { status, body } = await ask(registry, account, "POST", upload);
    return [status, status === "403" ? (JSON.parse(body) as { errors: { message: string }[] }).errors[0]?.message : undefined];
  };
  assert.deepEqual(await at(second, "push-policy"), [
    "403",
    "images are pushed at dc1, from whose registry they come here by themselves",
  ]);
  assert.deepEqual(await at(second, "replication"), ["202", undefined]);
  assert.deepEqual(await at(first, "replication"), [
    "403",
    "images are pushed here by a project's own account, as push-internet",
  ]);
  assert.match((await push(second, "policy/app:1")).output, /images are pushed at dc1/);
});

test("a registry is filled from an archive with skopeo, by digest, and what the archive lacks is told of", async () => {
  const digest = writeOciImage(join(pair.images, "seeded"), 1000, "platform/seeded:1");
  execFileSync("tar", ["--create", `--file=${join(pair.images, "seed.tar")}`, `--directory=${join(pair.images, "seeded")}`, "."]);
  const auth = Buffer.from(`push-platform:${pair.accounts["push-platform"]}`).toString("base64");
  writeFileSync(join(pair.images, "login.json"), JSON.stringify({ auths: { [address(first)]: { auth } } }));
  cpSync(pair.authorities, join(pair.images, "authorities.crt"));
  const to = { registry: address(first), authFile: "/images/login.json", certificateDirectory: "/images" };
  const from = { seed: { archive: "seed.tar" }, directory: "/images" };
  const skopeo = async (words: readonly string[]): Promise<Uint8Array> => {
    const { code, output } = await first.run(`skopeo ${words.map(shellQuote).join(" ")}`);
    if (code !== 0) throw new UserError(output);
    return Buffer.from(output);
  };
  const seeded = { repository: "platform/seeded", tag: "1", digest };
  const said: string[] = [];
  const filled = (images: readonly SeedImage[]) => fillAll(images, from, to, (text) => said.push(text), skopeo);
  await filled([seeded]);
  await filled([seeded]);
  assert.deepEqual(said, ["1 of 1 platform/seeded:1: brought", "1 of 1 platform/seeded:1: there already"]);
  assert.ok((await first.inventory()).includes(`platform/seeded 1 ${digest}`));
  await assert.rejects(filled([seeded, { ...seeded, tag: "2" }]), /platform\/seeded:2: .*1 of 2 images were not brought/s);
});

test("what was there before replication began, and each image that is pushed, is at the other site with the same digest", async () => {
  await push(first, "policy/before:1");
  await first.start("replication", { everyMinutes: 60 });
  await equal(first, second, 30_000);
  const { digest } = await push(first, "policy/claims/web:2.1", 3_000_000);
  assert.ok((await first.inventory()).includes(`policy/claims/web 2.1 ${digest}`));
  await equal(first, second, 30_000);
  assert.match(await first.replicated(), /^\d+$/);
});

test("a tag that is pushed again with other content is the new one at the other site", async () => {
  const { digest } = await push(first, "policy/claims/web:2.1", 5000);
  await equal(first, second, 30_000);
  assert.ok((await second.inventory()).includes(`policy/claims/web 2.1 ${digest}`));
});

test("images that are pushed while the link between the sites goes down and up are at the other site when it has healed", async () => {
  await first.end("replication");
  await first.start("replication");
  for (let image = 0; image < 8; image++) {
    if (image % 3 === 1) pair.link("down");
    assert.ok((await push(first, `policy/many-${image % 4}:${image}`, 10 ** (2 + (image % 5)))).pushed);
    if (image % 3 === 2) pair.link("up");
  }
  pair.link("down");
  try {
    await push(first, "policy/last:1");
    await until("the problem is told", async () => /timeout|timed out/i.test(await first.replicated()), 120_000);
  } finally {
    pair.link("up");
  }
  await equal(first, second, 90_000);
  await until("there is no problem any more", async () => /^\d+$/.test(await first.replicated()));
});

/** Waits until a registry has begun to take a layer of a repository; fails when that does not come, or `still` fails. */
const untilUpload = (repository: string, still = "true"): string =>
  `for try in $(seq 3000); do
  [ -z "$(ls /var/lib/registry/docker/registry/v2/repositories/${repository}/_uploads/*/data 2> /dev/null)" ] || break
  [ $try -lt 3000 ] && ${still} || exit 1
  sleep 0.01
done`;

test("an interrupted push leaves no image, and replication that is killed goes on where it was", async () => {
  await first.end("replication");
  writeOciImage(join(pair.images, "large"), 150_000_000);
  const whole = pushing(first, "policy/large:1", "large", "push-policy");
  const killed = await first.run(`${whole} > /dev/null 2>&1 &
${untilUpload("policy/large", "kill -0 $!")}
kill -KILL $!`);
  assert.equal(killed.code, 0, killed.output);
  assert.ok(!(await first.inventory()).some((line) => line.startsWith("policy/large ")));
  const pushed = await first.run(whole);
  assert.equal(pushed.code, 0, pushed.output);
  await first.start("replication");
  const begun = await second.run(untilUpload("policy/large"));
  await first.end("replication");
  assert.equal(begun.code, 0, "it never began to copy");
  assert.ok(!(await second.inventory()).some((line) => line.startsWith("policy/large ")), "it was copied before it was killed");
  await first.start("replication");
  await equal(first, second, 60_000);
});

test("a registry that is killed during replication has what it had, and the rest comes", async () => {
  const { digest } = await push(first, "policy/power:1", 40_000_000);
  await second.end("server");
  await second.end("front");
  await push(first, "policy/power:2", 1000);
  for (const part of ["server", "front"] as const) await second.start(part);
  await equal(first, second, 60_000);
  assert.ok((await second.inventory()).includes(`policy/power 1 ${digest}`));
});

test("a full disk is said to who pushes, and at the other site to who asks for the state; what was there stays, and the rest comes with room", async () => {
  await second.end("server");
  await second.start("server", { diskMib: 20 });
  const { pushed } = await push(first, "policy/wide:1", 30_000_000);
  assert.ok(pushed);
  await until(
    "the problem is told",
    async () => /could not be copied, .*(no space|500|unknown|internal)/i.test(await first.replicated()),
    90_000,
  );
  assert.ok((await first.inventory()).some((line) => line.startsWith("policy/wide 1 ")));
  await second.end("server");
  await second.start("server");
  await equal(first, second, 90_000);
  await first.end("replication");
  await first.end("server");
  await first.start("server", { diskMib: 20 });
  const small = await push(first, "policy/small:1");
  const wide = await push(first, "policy/wide:1", 30_000_000);
  assert.deepEqual([small.pushed, wide.pushed], [true, false]);
  assert.match(wide.output, /no space left|500 Internal Server Error/i);
  assert.deepEqual(await first.inventory(), [`policy/small 1 ${small.digest}`]);
  await first.end("server");
  await first.start("server");
  await first.start("replication");
});

test("an image that its tag was taken from is at the other site by its digest", async () => {
  pair.link("down");
  const { digest } = await push(first, "policy/moving:latest");
  await push(first, "policy/moving:latest");
  pair.link("up");
  await equal(first, second, 90_000);
  assert.ok((await second.inventory()).includes(`policy/moving ${digest} ${digest}`));
});

test("with the roles changed images go the other way alone; what was not copied before is told of, and stays", async () => {
  await push(first, "policy/both:1");
  await equal(first, second, 30_000);
  pair.link("down");
  const { digest: own } = await push(first, "policy/both:1");
  await push(first, "policy/lost:1");
  pair.become({ dc1: "standby", dc2: "active" });
  for (const part of ["front", "server"] as const) {
    await second.end(part);
    await second.start(part);
  }
  pair.link("up");
  // The one before still runs: it is let in no more.
  const refused = /images are pushed here by a project's own account/;
  await until("it is refused", async () => refused.test(await first.replicated()), 90_000);
  await first.end("replication");
  for (const part of ["front", "server"] as const) {
    await first.end(part);
    await first.start(part);
  }
  assert.equal((await push(first, "policy/new:1")).pushed, false);
  const { digest } = await push(second, "policy/new:1");
  await second.start("replication");
  const both = /policy\/both:1: both sites have one of their own/;
  await until("both have their own", async () => both.test(await second.replicated()), 30_000);
  assert.ok((await first.inventory()).includes(`policy/new 1 ${digest}`));
  assert.ok((await first.inventory()).includes(`policy/both 1 ${own}`));
  assert.ok(!(await second.inventory()).some((line) => line.startsWith("policy/lost ")));
  const { digest: right } = await push(second, "policy/both:1");
  const isRight = async (): Promise<boolean> => (await first.inventory()).includes(`policy/both 1 ${right}`);
  await until("the one that a person pushed is there", isRight, 30_000);
  await until("all is well", async () => /^\d+$/.test(await second.replicated()), 30_000);
});
