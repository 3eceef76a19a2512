import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseDocument } from "yaml";
import { readEnvironment } from "../../environments/model/read-environment.ts";
import { topologyOf } from "../../environments/model/topology-of.ts";
import { causedFindings, keyOf, likelyCauses } from "../../scripts/review/causes.ts";
import { fileChanges } from "../../scripts/review/file-changes.ts";
import { connectionFindings } from "../../scripts/review/findings/connections.ts";
import type { Finder } from "../../scripts/review/findings/finding.ts";
import { networkFindings } from "../../scripts/review/findings/networks.ts";
import { redundancyFindings } from "../../scripts/review/findings/redundancy.ts";
import { roleFindings } from "../../scripts/review/findings/roles.ts";
import { settingFindings } from "../../scripts/review/findings/settings.ts";
import { versionFindings } from "../../scripts/review/findings/versions.ts";
import { referenceText } from "./reference.ts";

type Fields = Readonly<Record<string, unknown>>;

/** The reference platform with some fields set, and null taken away. */
function changed(fields: Fields): string {
  const document = parseDocument(referenceText);
  for (const [path, value] of Object.entries(fields))
    if (value === null) document.deleteIn(path.split("."));
    else document.setIn(path.split("."), document.createNode(value));
  return document.toString();
}

const topology = (text: string) => topologyOf(readEnvironment(text, "reference", { isPast: true }));
const before = topology(referenceText);
const found = (find: Finder, fields: Fields): string[] =>
  find(before, topology(changed(fields))).map(({ weight, subject, what }) => `${weight}: ${subject}: ${what}`);

const image = (version: string, digest = "a") =>
  `registry.reference.tandem.internal/platform/haproxy:${version}@sha256:${digest.repeat(64)}`;

describe("findings on two environment files", () => {
  it("are none where they say the same", () => {
    for (const find of [connectionFindings, networkFindings, redundancyFindings, roleFindings, settingFindings, versionFindings])
      assert.deepEqual(find(before, topology(referenceText.replace("# One knob", "# A knob"))), []);
  });

  const cases: readonly (readonly [what: string, find: Finder, fields: Fields, said: RegExp | undefined])[] = [
    [
      "a quorum's host that goes",
      redundancyFindings,
      { "sites.dc1.zones.platform.hosts.database": { db1: "r1", db2: "r2", db4: "r3" } },
      /^dangerous: dc1-platform-db3: this database host is no longer declared/,
    ],
    [
      "a worker that goes",
      redundancyFindings,
      { "sites.dc1.zones.office.hosts.worker": { wk1: "r1", wk2: "r2" } },
      /^care: dc1-office-wk3: this worker host is no longer/,
    ],
    ["a worker that comes", redundancyFindings, { "sites.dc1.zones.office.hosts.worker.wk4": "r1" }, undefined],
    [
      "a pair in one rack",
      redundancyFindings,
      { "sites.dc1.zones.office.hosts.gateway": { gw1: "r1", gw2: "r1" } },
      /^dangerous: dc1-office-gw2: in rack r1 with dc1-office-gw1/,
    ],
    [
      "another rack",
      redundancyFindings,
      { "sites.dc1.zones.office.hosts.gateway.gw2": "r3" },
      /^care: dc1-office-gw2: moves from rack r2 to r3/,
    ],
    ["a worker in another rack", redundancyFindings, { "sites.dc1.zones.office.hosts.worker.wk2": "r3" }, undefined],
    [
      "sites that change their roles",
      roleFindings,
      { "sites.dc1.role": "standby", "sites.dc2.role": "active" },
      /^dangerous: site dc2: becomes active, and was standby/,
    ],
    [
      "a zone that goes",
      roleFindings,
      {
        "zones.office": null,
        "sites.dc1.zones.office": null,
        "sites.dc2.zones.office": null,
        "volumes.office": null,
        "flows.office-desk": null,
        "flows.office-files": null,
      },
      /^dangerous: zone dc1-office: is no longer declared/,
    ],
    [
      "a network that moves",
      networkFindings,
      { "sites.dc1.zones.office.planes.business.cidr": "10.20.53.0/26" },
      /^dangerous: business network of dc1-office: from VLAN 1140, 10\.20\.50\.0\/26/,
    ],
    [
      "a VLAN",
      networkFindings,
      { "sites.dc1.zones.office.planes.storage.vlan": 1149 },
      /^dangerous: storage network of dc1-office: from VLAN 1142/,
    ],
    [
      "a name domain",
      networkFindings,
      { "dns.domain": "other.tandem.internal" },
      /^dangerous: domain: from reference\.tandem\.internal/,
    ],
    [
      "a version that goes on",
      versionFindings,
      { "images.haproxy": image("3.0.12") },
      /^care: image haproxy: goes from 3\.0\.11 to 3\.0\.12$/,
    ],
    [
      "a version that goes back",
      versionFindings,
      { "images.haproxy": image("3.0.9") },
      /^dangerous: image haproxy: goes back from 3\.0\.11 to 3\.0\.9$/,
    ],
    [
      "a major version",
      versionFindings,
      { "images.haproxy": image("4.0.0") },
      /^dangerous: image haproxy: goes over a major version/,
    ],
    [
      "another content",
      versionFindings,
      { "images.haproxy": image("3.0.11") },
      /^care: image haproxy: the same version 3\.0\.11 with another content$/,
    ],
    [
      "a minor version of Kubernetes",
      versionFindings,
      { "kubernetes.version": "1.37.0" },
      /^care: Kubernetes: goes from 1\.36\.3 to 1\.37\.0$/,
    ],
    [
      "two minor versions at once",
      versionFindings,
      { "kubernetes.version": "1.38.0" },
      /^dangerous: Kubernetes: goes from 1\.36\.3 to 1\.38\.0, over 2 minor versions/,
    ],
    [
      "a connection that opens",
      connectionFindings,
      { "flows.payments.ports": [443, 8443] },
      /^care: flow payments: opens 2 connections: dc1-policy, dc2-policy to bank .*: tcp 8443; business/,
    ],
    ["a connection that closes", connectionFindings, { "flows.office-desk": null }, /^care: flow office-desk: closes/],
    ["failure detection", settingFindings, { availability: "safe" }, /^care: availability: from norm to safe$/],
    ["backups kept for less", settingFindings, { "backup.keepDays": 7 }, /^dangerous: days that backups are kept: from 35 to 7$/],
    ["backups kept for longer", settingFindings, { "backup.keepDays": 70 }, undefined],
    ["another purpose", settingFindings, { "zones.office.purpose": "Desks" }, undefined],
    [
      "a volume that goes",
      settingFindings,
      { "volumes.policy.contracts/letters": null },
      /^dangerous: volume \/?policy\/contracts\/letters: is no longer declared/,
    ],
    [
      "a volume that is smaller",
      settingFindings,
      { "volumes.policy.contracts/letters.sizeGib": 100 },
      /^care: volume .*letters: from 500 to 100 GiB$/,
    ],
    [
      "claims' files that go with them",
      settingFindings,
      { "volumes.policy.claims/volumes.reclaimPolicy": "Delete" },
      /^dangerous: volume .*volumes: claims' files: from Retain to Delete$/,
    ],
    [
      "a flow's exception that lasts longer",
      settingFindings,
      { "flows.portal-quotes.exception.expires": "2028-12-31" },
      /^care: flow portal-quotes: its exception lasts until 2028-12-31/,
    ],
  ];
  for (const [what, find, fields, said] of cases)
    it(`${said ? "tell" : "say nothing"} of ${what}`, () => {
      const all = found(find, fields);
      if (said)
        assert.ok(
          all.some((each) => said.test(each)),
          all.join("\n"),
        );
      else assert.deepEqual(all, []);
    });
});

describe("changes of an environment file and what they cause", () => {
  it("are what the file says otherwise, with the line", () => {
    const text = changed({ availability: "safe", "flows.office-desk": null, "sites.dc1.zones.office.hosts.worker.wk4": "r1" });
    assert.deepEqual(
      fileChanges(referenceText, text).map(({ path, change }) => `${change} ${path.join(".")}`),
      ["changed availability", "added sites.dc1.zones.office.hosts.worker.wk4", "removed flows.office-desk"],
    );
    const [first, , last] = fileChanges(referenceText, text);
    assert.equal(text.split("\n")[(first?.line ?? 0) - 1], "availability: safe");
    assert.match(referenceText.split("\n")[(last?.line ?? 0) - 1] ?? "", /office-desk|from: employees/);
  });

  it("are told apart by trying each alone", () => {
    const text = changed({ availability: "safe", "backup.keepDays": 7, "zones.office.purpose": "Desks" });
    const caused = causedFindings({ text: referenceText, topology: before }, fileChanges(referenceText, text), settingFindings);
    const fieldsOf = (subject: string) =>
      [...caused].filter(([key]) => key.startsWith(subject)).flatMap(([, all]) => all.map(({ path }) => path.join(".")));
    assert.deepEqual(fieldsOf("availability"), ["availability"]);
    assert.deepEqual(fieldsOf("days that backups"), ["backup.keepDays"]);
    const [finding] = settingFindings(before, topology(text));
    assert.ok(finding && caused.has(keyOf(finding)));
  });

  it("are guessed by the words of what only the engine says", () => {
    const changes = fileChanges(referenceText, changed({ availability: "safe", "images.haproxy": image("3.0.12") }));
    assert.deepEqual(
      likelyCauses("haproxy-dc1-platform-lb1 is replaced", changes).map(({ path }) => path.join(".")),
      ["images.haproxy"],
    );
    assert.equal(likelyCauses("something else", changes).length, 2);
  });
});
