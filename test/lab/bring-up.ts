import assert from "node:assert/strict";
import { appendFileSync, existsSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { renderInterfaces } from "../../components/host/interfaces.render.ts";
import { type Deployment, resourceName, resourcesOf } from "../../scripts/deploy/deployment.ts";
import { probesOf } from "../../scripts/deploy/drift/declared.ts";
import { readPlatform } from "../../scripts/deploy/platform.ts";
import { runOnHost } from "../../scripts/lab/ssh.ts";
import { statesOf } from "../support/lab.ts";
import { first, hostNamed, hosts, lab, machineOf, npm, npmSucceeds, on, own, said, sysctlFile } from "./session.ts";

test("npm start brings up 50 machines, each with its pinned key and prepared, and prints the table and the picture", async () => {
  assert.match(first.stdout, /50 of 50 hosts are well\n/);
  for (const site of ["dc1", "dc2"])
    assert.match(
      first.stdout,
      new RegExp(`${site} +│ 3 of 3 serve, writer db\\d +│ 2 of 2 serve, database at lb\\d, .* │ 3 of 3 ready +│ well`),
    );
  assert.match(first.stdout, /The lab is up\./);
  assert.match(first.stdout, /dc2 \(standby\) +core network/);
  assert.match(first.stdout, /│ control-plane: cp1 cp2 cp3 +│/);
  assert.match(first.stdout, /│ in all +│/);
  assert.match(first.stdout, /What to type next:\n/);
  assert.equal(hosts.length, 50);
  const answers = await Promise.all(hosts.map((host) => on(host, `hostname && head -1 ${sysctlFile}`)));
  assert.deepEqual(
    answers.map((answer) => answer.split("\n")),
    hosts.map(({ name }) => [name, "# Managed by Tandem: changes by hand are found and reported."]),
  );
  assert.equal(await npmSucceeds("lab", "ssh", "dc2-office-wk1", "--", "hostname"), "dc2-office-wk1\n");
});

test("kubectl reaches each site's cluster as its administrator, passes words, input and exit code on, and leaves no kubeconfig", async () => {
  const uid = (site: string): Promise<string> =>
    npmSucceeds("lab", "kubectl", "--site", site, "--", "get", "namespace", "kube-system", "-o", "jsonpath={.metadata.uid}");
  const uids = [await uid("dc1"), await uid("dc2")];
  for (const found of uids) assert.match(found, /^[0-9a-f-]{36}$/);
  assert.notEqual(uids[0], uids[1]);
  assert.equal(await npmSucceeds("lab", "kubectl", "--", "auth", "can-i", "*", "*"), "yes\n");
  const refused = await npm("lab", ["kubectl", "--", "get", "nothing-of-that-kind"]);
  assert.deepEqual([refused.code, refused.stdout], [1, ""], said(refused));
  assert.match(refused.stderr, /doesn't have a resource type "nothing-of-that-kind"/);
  const left = readdirSync(tmpdir()).filter(
    (name) => name.startsWith("tandem-run-") && existsSync(join(tmpdir(), name, "kubeconfig")),
  );
  assert.deepEqual(left, []);
});

test("drift finds a probe of everything that a site's stacks run on their hosts", async () => {
  const stacks = readPlatform("lab", lab.slot).stacks.filter(({ site }) => site === "dc1");
  assert.equal(stacks.length, 7);
  for (const { name } of stacks) {
    const state = JSON.parse(await npmSucceeds("pulumi", "stack", "export", "--show-secrets", "--stack", name)) as Deployment;
    const commands = resourcesOf(state).filter(({ type }) => type === "command:remote:Command");
    assert.ok(commands.length > 0, name);
    assert.deepEqual(
      probesOf(name, state)
        .map(({ resource }) => resource)
        .sort(),
      commands.map(resourceName).sort(),
      name,
    );
  }
});

test("a second start changes nothing and says so", async () => {
  const there = async (): Promise<unknown[]> => [
    statesOf(lab),
    await Promise.all(hosts.map(async (host) => (await machineOf(host).inspect()).State.StartedAt)),
  ];
  const earlier = await there();
  const stdout = await npmSucceeds("start");
  assert.match(stdout, /Everything was there already: nothing was changed\./);
  assert.match(stdout, /nothing to change in 16 stacks/);
  assert.match(stdout, /nothing that the stacks read has changed since the last up/);
  assert.match(stdout, /hosts: \d+ files, rules and containers are as declared/);
  assert.deepEqual(await there(), earlier);

  // Whatever is different, if only by a comment, the engine is asked again.
  const program = join(own.checkout, "stacks", "zone.ts");
  appendFileSync(program, "// edited\n");
  const oneOfEach = ["trust", "machines", "dc2", "dc2-platform", "dc2-services", "dc2-policy"].flatMap((name) => [
    "--stack",
    `lab-${name}`,
  ]);
  const asked = await npmSucceeds("up", "--platform", "lab", ...oneOfEach);
  assert.doesNotMatch(asked, /nothing that the stacks read has changed/);
  assert.match(asked, /\[6\/6\] lab-[\w-]+: nothing changes/);
  assert.deepEqual(await there(), earlier);
});

test("the interface files of the reference platform are what ifup reads, and broken ones are refused", async () => {
  const { topology } = readPlatform("reference");
  const zones = topology.sites.flatMap((site) => site.zones);
  const parser = hostNamed("dc1-platform-db1");
  const judge = async (content: string): Promise<number> => {
    const check = "cat > /tmp/interfaces && grep -q . /tmp/interfaces && sudo ifup --no-act --all --interfaces=/tmp/interfaces";
    return (await runOnHost(lab, parser, `printf '%s' '${content}' | (${check})`)).code;
  };
  const examples = zones.flatMap((zone) => zone.hosts.map((host) => ({ zone, host })));
  const byRole = [...Map.groupBy(examples, ({ host }) => host.role).values()].flatMap((group) => group[0] ?? []);
  assert.equal(byRole.length, 7);
  const texts = byRole.map(({ zone, host }) => renderInterfaces(zone, host, topology.trunk));
  for (const text of texts) assert.equal(await judge(text), 0, text);
  const [sound = ""] = texts;
  for (const broken of [sound.replace(/^ {2}address.*$/m, ""), sound.replace("inet static", "inet statical"), `x y z\n${sound}`])
    assert.notEqual(await judge(broken), 0, broken);
});
