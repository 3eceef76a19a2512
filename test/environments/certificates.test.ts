import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { authorityRolesOf, type Certificate, certificatesOf, passwordsOf } from "../../environments/model/certificates.ts";
import { loadEnvironment, platforms } from "../../environments/model/load.ts";
import { readEnvironment } from "../../environments/model/read-environment.ts";
import type { Topology } from "../../environments/model/topology.ts";
import { topologyOf } from "../../environments/model/topology-of.ts";
import { matchesGolden } from "../support/golden.ts";
import { edited } from "./broken.ts";

const line = ({ name, signedBy, subject, uses, dnsNames, ipAddresses }: Certificate): string =>
  [
    `${name}: ${uses.join(" and ")}, signed by ${signedBy}`,
    `  ${Object.entries(subject)
      .map(([part, value]) => `${part} ${value}`)
      .join(", ")}`,
    ...(dnsNames.length > 0 ? [`  ${dnsNames.join(" ")}`, `  ${ipAddresses.join(" ")}`] : []),
  ].join("\n");

const named = (topology: Topology, name: string): Certificate => {
  const found = certificatesOf(topology).find((certificate) => certificate.name === name);
  assert.ok(found, name);
  return found;
};

for (const platform of platforms()) {
  const topology = topologyOf(loadEnvironment(platform));

  test(`the certificates and passwords of ${platform} are those of its golden list`, () => {
    const text = [...certificatesOf(topology).map(line), ...passwordsOf(topology).map((name) => `password ${name}`)].join("\n");
    matchesGolden(`${text}\n`, join(import.meta.dirname, "golden", `certificates-${platform}.txt`));
  });

  test(`each certificate of ${platform} has a name of its own and a signer that there is; only servers have addresses`, () => {
    const certificates = certificatesOf(topology);
    assert.equal(new Set(certificates.map(({ name }) => name)).size, certificates.length);
    for (const { name, signedBy, uses, dnsNames, ipAddresses } of certificates) {
      assert.ok(authorityRolesOf(topology).includes(signedBy), name);
      assert.equal(uses.includes("server"), dnsNames.length > 0 && ipAddresses.length > 0, name);
    }
  });
}

test("a VIP or a service range that moves moves in the certificates too", () => {
  const topology = topologyOf(
    readEnvironment(
      edited("lab", (e) => {
        e.set("sites dc1 zones platform vips", { "kubernetes-api": { address: "10.77.111.29" } });
        e.set("kubernetes serviceCidr", "10.246.0.0/16");
      }),
      "test.yaml",
    ),
  );
  const { ipAddresses } = named(topology, "kube-apiserver-dc1-platform-cp1");
  assert.deepEqual(ipAddresses, ["127.0.0.1", "10.246.0.1", "10.77.111.10", "10.77.111.29"]);
});

test("a host that is out of service has no certificates, and all others keep theirs", () => {
  const whole = topologyOf(loadEnvironment("lab"));
  const without = topologyOf(
    readEnvironment(
      edited("lab", (e) => e.set("outOfService", { "dc1-platform-db1": "Disk gone" })),
      "test.yaml",
    ),
  );
  const gone = certificatesOf(whole).filter(({ name }) => name.endsWith("dc1-platform-db1"));
  assert.equal(gone.length, 1);
  assert.deepEqual(
    certificatesOf(without),
    certificatesOf(whole).filter((certificate) => certificate.name !== gone[0]?.name),
  );
});

test("a change of roles between the sites changes no certificate", () => {
  const switched = readEnvironment(
    edited("lab", (e) => {
      e.set("sites dc1 role", "standby");
      e.set("sites dc2 role", "active");
    }),
    "test.yaml",
  );
  assert.deepEqual(certificatesOf(topologyOf(switched)), certificatesOf(topologyOf(loadEnvironment("lab"))));
});

test("a site's cluster knows no user of the other site's", () => {
  const topology = topologyOf(loadEnvironment("lab"));
  for (const { name, signedBy } of certificatesOf(topology).filter((each) => each.signedBy !== "platform"))
    assert.match(name, new RegExp(`-${signedBy.split("-").at(-1)}(-|$)`));
});
