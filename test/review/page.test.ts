import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { readEnvironment } from "../../environments/model/read-environment.ts";
import { stacksOf } from "../../environments/model/stack-names.ts";
import { topologyOf } from "../../environments/model/topology-of.ts";
import type { StackReport } from "../../scripts/deploy/run-stack.ts";
import { type Step, Steps } from "../../scripts/deploy/steps.ts";
import { noChanges } from "../../scripts/deploy/summary.ts";
import type { Change } from "../../scripts/review/change.ts";
import { renderHtml } from "../../scripts/review/html.ts";
import { mostCharacters, renderMarkdown } from "../../scripts/review/markdown.ts";
import { type Page, pageOf } from "../../scripts/review/page.ts";
import type { Source } from "../../scripts/review/sources.ts";
import { referenceText } from "./reference.ts";

const root = import.meta.dirname;

function source(ref: string, text = referenceText): Source {
  const topology = topologyOf(readEnvironment(text, ref, { isPast: true }));
  return { ref, root, text, topology, purposes: {}, stacks: stacksOf(topology) };
}

const command = "command:remote:Command";
const container = "docker:index/container:Container";

const step = (op: Step["op"], type: string, name: string, more: Partial<Step> = {}): Step => ({
  ...{ op, type, name, urn: `urn:pulumi:reference-dc2::tandem::${type}::${name}` },
  ...{ isProtected: false, paths: [], replacing: [], before: {}, after: {}, ...more },
});

interface Told {
  readonly steps?: readonly Step[];
  readonly report?: Partial<StackReport>;
  readonly text?: string;
  readonly files?: readonly string[];
}

function change({ steps = [], report = {}, text = referenceText, files = [] }: Told): Change {
  const changes = { ...noChanges, update: steps.length };
  const told = {
    stack: "reference-dc2",
    result: "done",
    because: "",
    seconds: 1,
    text: "",
    resources: [],
    diagnostics: [],
    changes,
    ...report,
  };
  return {
    ...{ before: source("main"), after: source("feature", text), files, leftOut: [], waiting: [] },
    stacks: [{ report: told as StackReport, steps }],
  };
}

const page = (told: Told): Page => pageOf(change(told));

describe("a page", () => {
  it("is one line where nothing changes", () => {
    assert.equal(renderMarkdown(page({})), "**reference, main → feature: no change** · nothing changes\n");
  });

  it("is safe where a file changes that no client waits for", () => {
    const found = page({
      steps: [step("update", command, "sysctl-dc2-platform-db1", { before: { stdin: "a" }, after: { stdin: "b" } })],
    });
    assert.deepEqual([found.verdict, found.sites, found.zones], ["safe", ["dc2"], ["dc2-platform"]]);
  });

  it("tells of a replaced volume first, and whose line it was", () => {
    const urn =
      "urn:pulumi:reference-dc2::tandem::tandem:host:DataVolume$docker:index/volume:Volume::database-data-dc2-platform-db1";
    const name = "database-data-dc2-platform-db1";
    const steps = [step("replace", "docker:index/volume:Volume", name, { urn, isProtected: true, replacing: ["name"] })];
    const text = referenceText.replace("keepDays: 35", "keepDays: 70").replace("database: { cpus: 16", "database: { cpus: 24");
    const found = page({ steps, text });
    assert.equal(found.verdict, "dangerous");
    const [first] = found.findings;
    assert.match(first?.what ?? "", /^is replaced, because of name: what it holds is on this host alone/);
    assert.match(first?.todo ?? "", /state unprotect '.*database-data-dc2-platform-db1' --stack reference-dc2$/);
    assert.deepEqual(
      first?.causes.map(({ field }) => field),
      ["sizes.database.cpus"],
    );
  });

  it("names the program's files where the environment file is the same", () => {
    const steps = [step("delete", "tandem:trust:X", "authority", { isProtected: true })];
    const found = page({ steps, files: ["components/trust/passwords.ts"] });
    assert.deepEqual(found.findings[0]?.causes, [{ file: "components/trust/passwords.ts" }]);
  });

  it("asks for a look at a policy that changes, also where no resource does", () => {
    const found = page({ files: ["policies/rules/container-must-restart.ts", "stacks/zone.ts"] });
    assert.deepEqual(
      found.findings.map(({ weight, subject, causes }) => [weight, subject, causes]),
      [["care", "policies/rules/container-must-restart.ts", [{ file: "policies/rules/container-must-restart.ts" }]]],
    );
  });

  it("predicts what clients see of services that start again", () => {
    const steps = ["db1", "db2", "db3"].map((host) =>
      step("replace", container, `database-dc2-platform-${host}`, {
        paths: ["labels[0].value"],
        after: { labels: [{ label: "tandem.configuration", value: "x" }] },
      }),
    );
    const found = page({ steps });
    assert.equal(found.verdict, "needs care");
    assert.deepEqual(
      found.restarts.map(({ service, zone, hosts, because, outages }) => [
        service,
        zone,
        hosts.length,
        because,
        outages.map(({ client }) => client),
      ]),
      [["database", "dc2-platform", 3, ["tandem.configuration"], ["rows", "objects"]]],
    );
    assert.match(renderMarkdown(found), /\| database \| dc2-platform \| 3 \| rows [\d.]+ s, objects [\d.]+ s \|/);
  });

  it("says who waits where no outage has seconds", () => {
    const steps = [step("replace", container, "kube-apiserver-dc2-platform-cp1", { paths: ["image"] })];
    assert.match(
      renderMarkdown(page({ steps })),
      /\| kube-apiserver \| dc2-platform \| 1 \| objects [\d.]+ s; controllers that lead on its host wait until it is back, or others lead \| image \|/,
    );
  });

  it("lists connections that open, and those between hosts folded", () => {
    const text = renderMarkdown(page({ text: referenceText.replace("ports: [443]", "ports: [443, 8443]") }));
    assert.match(
      text,
      /Connections between zones: 2 opened, 0 closed<.summary>\n\n```diff\n\+ dc1-policy, dc2-policy to bank 203\.0\.113\.128\/25: tcp 8443; business/,
    );
    assert.match(text, /<details><summary>Between hosts: \d+ opened, 0 closed<.summary>\n\n```diff\n\+ [0-9./, ]+ to bank/);
  });

  it("shows a text once for the hosts of a role, and no secret one", () => {
    const told = (host: string, last: number) =>
      step("update", command, `rules-dc2-office-${host}`, {
        before: { stdin: `head\nallow 10.0.0.${last}\ntail` },
        after: { stdin: `head\nallow 10.0.1.${last}\ntail` },
      });
    const hidden = { stdin: { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ciphertext: "[secret]" } };
    const secret = step("update", command, "login-dc2-office-wk1", { paths: ["stdin"], before: hidden, after: hidden });
    const found = page({ steps: [told("wk1", 4), told("wk2", 5), secret] });
    assert.deepEqual(
      found.texts.map(({ name, hosts, lines }) => [name, hosts.length, lines]),
      [
        ["rules", 2, [" head", "-allow 10.0.0.4", "+allow 10.0.1.4", " tail"]],
        ["login", 1, []],
      ],
    );
    assert.match(renderMarkdown(found), /login\*\* on dc2-office-wk1: secret, not shown/);
  });

  it("never calls unchanged what could not be previewed", () => {
    const diagnostics = [{ severity: "error" as const, resource: "", message: "no answer\nfrom anybody" }];
    const found = page({ report: { result: "failed", diagnostics } });
    assert.deepEqual([found.verdict, found.digest], ["dangerous", undefined]);
    assert.match(renderMarkdown(found), /an up refuses it: no answer from anybody/);
    assert.match(found.unjudged.join(), /reference-dc2: its preview failed/);
    const left = page({ report: { result: "not run", because: "interrupted" } });
    assert.equal(left.verdict, "needs care");
    assert.match(left.unjudged.join(), /reference-dc2: not previewed: interrupted/);
  });

  it("tells what a policy refuses with its fix, what it advises on what changes alone, and what it can't judge", () => {
    const diagnostics = [
      { severity: "error" as const, resource: "x", message: "policy p-must-q: It is so.\nwrong; given 1; allowed 2; fix: do it" },
      { severity: "warning" as const, resource: "unchanged", message: "policy r-must-s: It is so.\nodd; fix: look" },
      {
        severity: "warning" as const,
        resource: "",
        message: "policy preview-must-be-judged-again: It is so.\ncan't be judged yet: p",
      },
    ];
    const found = page({ report: { diagnostics } });
    assert.deepEqual(
      found.findings.map(({ what, todo }) => [what, todo]),
      [["an up refuses it: policy p-must-q: wrong; given 1; allowed 2", "do it"]],
    );
    assert.deepEqual(found.unjudged, ["reference-dc2: can't be judged yet: p"]);
  });

  it("fits into a comment, and says that it doesn't show all", () => {
    const steps = Array.from({ length: 2000 }, (_, index) =>
      step("update", command, `text-${index}-dc2-office-wk1`, {
        before: { stdin: "a" },
        after: { stdin: String.fromCharCode(98 + (index % 20)).repeat(index) },
      }),
    );
    const text = renderMarkdown(page({ steps }));
    assert.ok(text.length <= mostCharacters + 1, String(text.length));
    assert.match(text, /The rest doesn't fit/);
  });

  it("has as many findings as fit, the worst first", () => {
    const replaced = (name: string, isProtected: boolean): Step =>
      step("replace", "random:index/randomPassword:RandomPassword", name, { isProtected, replacing: [name.repeat(40)] });
    const steps = Array.from({ length: 400 }, (_, index) => replaced(`password-${index}`, true));
    const text = renderMarkdown(page({ steps }));
    assert.ok(text.length <= mostCharacters + 1 && text.length > mostCharacters / 2, String(text.length));
    assert.match(text, /\| password-0 \|[^\n]* \|\n[\s\S]* \|\n\n\*The rest doesn't fit/);
  });

  it("says once what is the same of several", () => {
    const steps = Array.from({ length: 10 }, (_, index) =>
      step("replace", "random:index/randomPassword:RandomPassword", `password-${index}`, { replacing: ["length"] }),
    );
    const rows = renderMarkdown(page({ steps }))
      .split("\n")
      .filter((line) => line.startsWith("| 🛑"));
    assert.equal(rows.length, 1);
    assert.match(
      rows[0] ?? "",
      /^\| 🛑 \| password-0, .*, password-7 and 2 more \| .*password-0' .*; the same with each of them \|$/,
    );
  });

  it("tells of certificates that are issued again, and of what has them", () => {
    const steps = ["db1", "db2"].flatMap((host) => [
      step("replace", "tls:index/certRequest:CertRequest", `database-${host}-request`, { replacing: ["subject"] }),
      step("replace", "tls:index/locallySignedCert:LocallySignedCert", `database-${host}-certificate`, {
        replacing: ["certRequestPem"],
      }),
    ]);
    const { verdict, findings } = page({ steps });
    assert.equal(verdict, "needs care");
    assert.deepEqual(
      findings.map(({ subject, what }) => `${subject}: ${what}`),
      ["certificates: 2 are issued again, because of subject: database-db1, database-db2"],
    );
  });

  it("tells of an authority that goes while it issues, and not of one whose rotation ends", () => {
    const urn = "urn:pulumi:reference-trust::tandem::tandem:trust:CertificateAuthority$tls:index/privateKey:PrivateKey::a1-key";
    const told = (isProtected: boolean) =>
      page({ steps: [step("delete", "tls:index/privateKey:PrivateKey", "a1-key", { urn, isProtected })] });
    assert.match(told(true).findings[0]?.what ?? "", /^is deleted: what it signed would not be believed any more$/);
    assert.deepEqual(told(false).findings, []);
  });

  it("is the same for a browser, with a map of what changes, and whatever a name has in it is text", () => {
    const steps = [
      step("update", command, "rules-dc2-office-wk1", { before: { stdin: "a" }, after: { stdin: "<script>b</script>" } }),
    ];
    const diagnostics = [{ severity: "error" as const, resource: "<img src=x>", message: "<b>no</b>" }];
    const told = change({ steps, report: { diagnostics } });
    const html = renderHtml(pageOf(told), told);
    assert.match(html, /<strong>reference, main → feature: dangerous<\/strong>/);
    assert.equal(html.match(/#fde047/g)?.length, 1);
    assert.doesNotMatch(html, /<script|<img|<b>/);
    assert.match(html, /&lt;img src=x&gt;/);
  });

  it("has a digest of the steps and of the environment, and of nothing else", () => {
    const steps = [step("update", command, "rules-dc2-office-wk1", { paths: ["stdin"], after: { stdin: "secret of today" } })];
    const other = [{ ...(steps[0] as Step), after: { stdin: "secret of tomorrow" } }];
    const digest = page({ steps }).digest;
    assert.equal(page({ steps: other }).digest, digest);
    assert.equal(page({ steps, text: `# a comment\n${referenceText}` }).digest, digest);
    assert.notEqual(page({ steps: [] }).digest, digest);
    assert.notEqual(page({ steps, text: referenceText.replace("keepDays: 35", "keepDays: 36") }).digest, digest);
  });
});

describe("steps of an engine", () => {
  const told = (op: string, more: object = {}): EngineEvent =>
    ({
      resourcePreEvent: { metadata: { op, urn: "urn:pulumi:s::p::a:b:C::n", type: "a:b:C", provider: "", ...more } },
    }) as EngineEvent;

  it("are one a resource: a replacement with its differences", () => {
    const steps = new Steps();
    for (const event of [
      told("create-replacement"),
      told("replace", {
        detailedDiff: { "a.b": { diffKind: "update-replace", inputDiff: true }, c: { diffKind: "update", inputDiff: true } },
      }),
      told("delete-replaced"),
    ])
      steps.add(event);
    assert.deepEqual(
      steps.all.map(({ op, paths, replacing }) => [op, paths, replacing]),
      [["replace", ["a.b", "c"], ["a.b"]]],
    );
  });

  it("are none of what stays the same", () => {
    const steps = new Steps();
    for (const op of ["same", "read", "refresh"]) steps.add(told(op));
    assert.deepEqual(steps.all, []);
  });
});
