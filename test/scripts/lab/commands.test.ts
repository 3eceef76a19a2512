import assert from "node:assert/strict";
import { test } from "node:test";
import { labNames } from "../../../environments/model/lab.ts";
import type { Lab } from "../../../scripts/lab/instance.ts";
import { farEnd } from "../../../scripts/lab/links.ts";
import { findHost, findPlane, hostsOf, type LabContainer, labTopology } from "../../../scripts/lab/machines.ts";
import { sshArguments } from "../../../scripts/lab/ssh.ts";
import { isWell, renderStatus, statusOf } from "../../../scripts/lab/status.ts";

const hosts = hostsOf(labTopology({ slot: 3 }));
const [host] = hosts.filter(({ name }) => name === "dc1-platform-db1");
assert.ok(host);

const container = (service: string, state: string): LabContainer => {
  const machine = labNames.container("abcd", host.name);
  const isMachine = service === "";
  return { id: service, name: isMachine ? machine : `${machine}-${service}`, host: host.name, isMachine, state };
};

test("an unknown host is refused with the nearest known one and all that are allowed", () => {
  assert.equal(findHost(hosts, "dc1-platform-db1"), host);
  assert.throws(() => findHost(hosts, "dc1-platfrom-db1"), {
    name: "UserError",
    message: /^"dc1-platfrom-db1": the lab has no such host; did you mean "dc1-platform-db1"\?.*; allowed are.*dc2-office-wk1/,
  });
});

test("an unknown plane is refused with the nearest known one and all that are allowed", () => {
  assert.equal(findPlane("storage"), "storage");
  assert.throws(() => findPlane("storge"), {
    message: '"storge": there is no such plane; did you mean "storage"?; allowed are business, management, storage',
  });
});

test("the other end of a cable is found by the address, not by the interface's name", () => {
  const addresses = JSON.stringify([
    {},
    { ifname: "eth2", link_index: 41, addr_info: [{ local: "10.77.112.21" }] },
    { ifname: "eth0", link_index: 43, addr_info: [{ local: "10.77.112.210" }] },
  ]);
  assert.equal(farEnd(addresses, "10.77.112.210"), 43);
  assert.throws(() => farEnd(addresses, "10.77.112.2"), /10\.77\.112\.2: no interface of its host holds it/);
});

test("a host is well when its machine runs, SSH answers and all its services run", () => {
  const running = statusOf(host, [container("", "running"), container("mysql", "running"), container("kine", "exited")]);
  assert.deepEqual(running, { host, machine: "running", services: [1, 2] });
  assert.equal(isWell({ ...running, ssh: true }), false);
  assert.equal(isWell({ ...running, services: [2, 2], ssh: true }), true);
  assert.equal(isWell({ ...running, services: [2, 2], ssh: false }), false);
  assert.equal(isWell({ ...statusOf(host, []), ssh: false }), false);
  assert.equal(statusOf(host, []).machine, "missing");
});

test("the status is a table of all hosts with its sum", () => {
  const status = hosts.map((one) => ({ ...statusOf(one, [container("", "running")]), ssh: one === host }));
  const shown = renderStatus({ id: "abcd", dockerHost: "unix:///run/docker.sock" }, status);
  assert.match(shown, /dc1-platform-db1 +│ dc1 +│ platform +│ database +│ 10\.80\.111\.\d+ +│ running +│ 0 of 0 +│ answers/);
  assert.match(shown, new RegExp(`lab abcd on unix:///run/docker.sock: 1 of ${hosts.length} hosts are well$`));
});

test("ssh uses the lab's key and the lab's pins only, and passes the command's words on", () => {
  const lab: Pick<Lab, "directory" | "sshUser" | "sshPort"> = { directory: "/lab", sshUser: "tandem", sshPort: 2222 };
  const words = sshArguments(lab, host, ["hostname", "-f"]);
  const address = `tandem@${host.addresses.management}`;
  assert.deepEqual(words.slice(0, 6), ["-F", "/dev/null", "-i", "/lab/id_ed25519", "-p", "2222"]);
  for (const option of ["IdentitiesOnly=yes", "StrictHostKeyChecking=yes", "UserKnownHostsFile=/lab/known_hosts"])
    assert.ok(words.includes(option), option);
  assert.deepEqual(words.slice(words.indexOf(address)), [address, "--", "hostname", "-f"]);
  assert.equal(sshArguments(lab, host, []).at(-1), address);
});
