import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { environmentsDirectory, loadEnvironment } from "../../../environments/model/load.ts";
import { readEnvironment } from "../../../environments/model/read-environment.ts";
import type { Topology } from "../../../environments/model/topology.ts";
import { topologyOf } from "../../../environments/model/topology-of.ts";
import { compare } from "../../../scripts/env/compare.ts";
import { renderMarkdown, renderText } from "../../../scripts/env/render-changes.ts";
import { readSource } from "../../../scripts/env/source.ts";
import { type Edit, topologyWith } from "../../environments/broken.ts";

const lab = topologyOf(loadEnvironment("lab"));
const changed = (edit: Edit): Topology => topologyWith(edit, "lab");
const difference = (after: Topology): string => renderText(compare(lab, after, { withAddresses: true }), "old", "new");

test("a platform does not differ from itself", () => {
  assert.equal(difference(lab), "old and new: no difference\n");
  assert.equal(renderMarkdown([], "old", "new"), "**old and new: no difference**\n");
});

test("a role change is said in the platform's words", () => {
  const after = changed((e) => {
    e.set("sites dc1 role", "standby");
    e.set("sites dc2 role", "active");
  });
  const lines = [
    "old -> new: 2 changed",
    "~ site dc1",
    "    role: active -> standby",
    "~ site dc2",
    "    role: standby -> active",
    "",
  ];
  assert.equal(difference(after), lines.join("\n"));
});

test("hosts that come and go are named with their role, rack and addresses", () => {
  const after = changed((e) => {
    e.remove("sites dc1 zones policy hosts worker wk1");
    e.set("sites dc1 zones policy hosts worker wk2", "r2");
  });
  const lines = [
    "old -> new: 1 added, 1 removed",
    "- host dc1-policy-wk1  role worker, rack r1, business address 10.77.140.24, management address 10.77.141.24, storage address 10.77.142.24, pods 10.244.48.0/24",
    "+ host dc1-policy-wk2  role worker, rack r2, business address 10.77.140.25, management address 10.77.141.25, storage address 10.77.142.25, pods 10.244.49.0/24",
    "",
  ];
  assert.equal(difference(after), lines.join("\n"));
});

test("a moved VIP and an opened flow are told apart", () => {
  const after = changed((e) => {
    e.set("sites dc1 zones platform vips", { database: { address: "10.77.112.28" } });
    e.set("flows payments ports", [443, 8443]);
    e.remove("flows office-files");
  });
  const lines = [
    "old -> new: 1 removed, 2 changed",
    "~ VIP dc1 platform database",
    "    address: 10.77.112.7 -> 10.77.112.28",
    "~ flow payments",
    "    port: tcp 443 -> tcp 443, 8443",
    "- flow office-files  from office, to platform/nas, plane storage, port tcp 2049, purpose Scanned mail and letters, owner Workplace, exception none",
    "",
  ];
  assert.equal(difference(after), lines.join("\n"));
});

test("platforms are compared for parity: what each has of its own is left out unless asked for", () => {
  const reference = topologyOf(loadEnvironment("reference"));
  const facts = (withAddresses: boolean) =>
    compare(lab, reference, { withAddresses }).flatMap((change) => change.facts.map(({ fact }) => fact));
  assert.ok(!facts(false).includes("network") && !facts(false).includes("business address"));
  assert.ok(facts(true).includes("network") && facts(true).includes("business address"));
  assert.ok(facts(false).includes("database flavor"));
});

test("a Markdown table takes no markup from what people typed", () => {
  const text = renderMarkdown(
    [{ change: "added", kind: "flow", name: "a|b<c>", facts: [{ fact: "to", after: "`x`" }] }],
    "old",
    "new",
  );
  assert.ok(text.includes("| added | flow | a\\|b\\<c\\> | to \\`x\\` |"), text);
});

test("a source is a platform, a file, a commit with a path, or a commit with the other's platform", () => {
  for (const source of ["lab", "environments/lab.yaml", "HEAD:lab", "HEAD:environments/lab.yaml", "HEAD"]) {
    assert.equal(readSource(source, "lab").platform, "lab", source);
  }
});

test("a source that is nothing of these is answered with what is possible", () => {
  assert.throws(() => readSource("nope", "lab"), {
    name: "UserError",
    message:
      "nope: nothing of this name; allowed: a platform (lab, reference), a file, <git ref>:<platform or path>, or a git ref",
  });
  assert.throws(() => readSource("nope:lab", "lab"), /^UserError: nope: no commit, branch or tag of this checkout/);
  assert.throws(() => readSource("--output=x:lab", "lab"), /^UserError: --output=x: no commit/);
  assert.throws(() => readSource("HEAD:nope", "lab"), /^UserError: HEAD: has no file environments\/nope\.yaml/);
});

test("what was committed is not judged by rules that came later", () => {
  const text = readFileSync(join(environmentsDirectory, "reference.yaml"), "utf8").replace("ports: [8441]", "ports: [443]");
  assert.throws(() => readEnvironment(text, "reference.yaml"), /flows\.customer-portal\.ports\[0\]/);
  assert.deepEqual(readEnvironment(text, "reference.yaml", { isPast: true }).flows["customer-portal"]?.ports, [443]);
});
