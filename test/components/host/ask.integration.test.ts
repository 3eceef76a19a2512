import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { Host } from "../../../components/host/host.ts";
import { loadEnvironment } from "../../../environments/model/load.ts";
import { planes } from "../../../environments/model/topology.ts";
import { topologyOf } from "../../../environments/model/topology-of.ts";
import { realMachine } from "../../support/real-machine.ts";
import { type Sshd, startSshd } from "../../support/sshd.ts";

let sshd: Sshd;
before(async () => {
  pulumi.runtime.setMocks({
    newResource: ({ name, inputs }) => ({ id: `${name}-id`, state: inputs }),
    call: () => ({}),
  });
  sshd = await startSshd();
});
after(() => sshd.stop());

const [zone] = topologyOf(loadEnvironment("reference", {})).sites[0]?.zones ?? [];

function hostWith(hostKey: string): Host {
  const [place] = zone?.hosts ?? [];
  assert.ok(place);
  const here = { ...place, addresses: { ...place.addresses, management: sshd.host } };
  const access = { user: sshd.user, port: sshd.port, privateKey: pulumi.secret(sshd.privateKey), hostKey };
  return new Host("asked", { place: here, access, machine: realMachine });
}

test("a host that is asked while an up runs says what the script prints, and why it failed", async () => {
  const host = hostWith(sshd.hostKey);
  assert.equal(await host.ask("echo one; echo two"), "one\ntwo");
  await assert.rejects(host.ask("echo no room >&2; exit 3"), { message: `${host.place.name}: no room` });
});

test("a machine that shows another key is asked nothing", async () => {
  const other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFvGqUAhdAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
  await assert.rejects(hostWith(other).ask("echo one"), /denied|verification/i);
});

test("a host's interface in a plane is its VLAN on a real machine and the plane's own in the lab", () => {
  const host = hostWith(sshd.hostKey);
  assert.ok(zone);
  assert.deepEqual(
    planes.map((plane) => host.interfaceOf(zone.planes[plane])),
    ["bond0.1100", "bond0.1101", "bond0.1102"],
  );
  const machine = { kind: "lab", lab: "0", engine: (): never => assert.fail(), containerId: "id" } as const;
  const lab = new Host("lab-asked", {
    place: host.place,
    access: { user: "root", port: 22, privateKey: "", hostKey: "" },
    machine,
  });
  assert.deepEqual(
    planes.map((plane) => lab.interfaceOf(zone.planes[plane])),
    ["eth0", "eth1", "eth2"],
  );
});
