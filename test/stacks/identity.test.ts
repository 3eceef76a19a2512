import assert from "node:assert/strict";
import { test } from "node:test";
import { fingerprint } from "../../components/host/inspection.ts";
import { type Identity, identityProblems, inspectionProblems } from "../../stacks/identity.ts";

const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGrZJ1OkhNaUCbHQv7eVnoM2ONMy2B9nN2eKp2cYI3d6";
const otherKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";
const recorded: Identity = {
  platform: "lab",
  site: "dc1",
  zone: "office",
  hosts: { "dc1-office-gw1": { hostKey: fingerprint(key), machineId: "m1", engineId: "e1" } },
};
const declared = { platform: "lab", site: "dc1", zone: "office", hostKeys: { "dc1-office-gw1": key } };
const found = { machineId: "m1", engineId: "e1", restoresLive: true, changedFiles: [] };

test("what was recorded and what is declared agree", () => {
  assert.deepEqual(identityProblems(recorded, declared), []);
  assert.deepEqual(inspectionProblems(recorded, { "dc1-office-gw1": found }), []);
});

test("a first deployment has nothing to disagree with, nor has a host that is new", () => {
  assert.deepEqual(identityProblems(undefined, declared), []);
  assert.deepEqual(identityProblems(recorded, { ...declared, hostKeys: { "dc1-office-gw2": otherKey } }), []);
  assert.deepEqual(inspectionProblems(recorded, { "dc1-office-gw2": found }), []);
});

test("another platform, site or zone is refused, all of them at once", () => {
  const problems = identityProblems(recorded, { platform: "reference", site: "dc2", zone: "partner", hostKeys: {} });
  assert.equal(problems.length, 3);
  assert.match(problems[1] ?? "", /deployed to site dc1, now it declares dc2/);
});

test("another SSH host key is refused with both fingerprints and how to go on", () => {
  const [problem] = identityProblems(recorded, { ...declared, hostKeys: { "dc1-office-gw1": otherKey } });
  assert.ok(problem?.includes(fingerprint(key)) && problem.includes(fingerprint(otherKey)));
  assert.match(problem ?? "", /npm run hosts -- forget dc1-office-gw1/);
});

test("another machine or another Docker engine at the same address is refused", () => {
  const problems = inspectionProblems(recorded, { "dc1-office-gw1": { ...found, machineId: "m2", engineId: "e2" } });
  assert.match(problems.join("\n"), /was machine m1, now m2.*\n.*had the Docker engine e1, now e2/);
});

test("fingerprints are the ones that ssh-keygen -l prints", () => {
  assert.match(fingerprint(key), /^SHA256:[A-Za-z0-9+/]{43}$/);
  assert.notEqual(fingerprint(key), fingerprint(otherKey));
});

test("a host that is out of service has to be forgotten: its data are not deleted by the way", () => {
  const listed = { ...declared, hostKeys: {}, outOfService: ["dc1-office-gw1", "dc1-office-gw2"] };
  assert.deepEqual(identityProblems(recorded, listed), [
    "identity: dc1-office-gw1 is out of service, and this stack would delete what it has there, data too; let it forget that host: npm run hosts -- forget dc1-office-gw1",
  ]);
});
