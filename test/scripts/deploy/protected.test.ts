import assert from "node:assert/strict";
import { test } from "node:test";
import { whyProtected } from "../../../scripts/deploy/protected.ts";
import { renderFailures } from "../../../scripts/deploy/table.ts";

const urnOf = (types: string, name: string): string => `urn:pulumi:lab-dc2-policy::tandem::${types}::${name}`;

/** As the engine at 3.259.0 says it. */
const deleting = (urn: string): string =>
  `resource "${urn}" cannot be deleted\nbecause it is protected. To unprotect the resource, either remove the \`protect\` flag from the resource in your Pulumi program and run \`pulumi up\`, or use the command:\n\`pulumi state unprotect '${urn}'\``;
const replacing = (urn: string): string =>
  `unable to replace resource "${urn}"\nas it is currently marked for protection. To unprotect the resource, remove the \`protect\` flag from the resource in your Pulumi program and run \`pulumi up\``;

test("who takes a volume out of the file is told that what it holds stays, and how to let the mount go", () => {
  const urn = urnOf(
    "tandem:namespaces:ZoneNamespaces$tandem:storage:PodVolumes$kubernetes:core/v1:PersistentVolumeClaim",
    "claim-dc2-policy-claims.documents",
  );
  assert.equal(
    whyProtected("lab-dc2-policy", deleting(urn)),
    `it is protected: what it holds stays on the NAS; what would go is the mount. To let it go all the same: npm run pulumi -- state unprotect '${urn}' --stack lab-dc2-policy, and then this again`,
  );
});

test("data on a host's own disk would go, a password and an authority would shut out who has them", () => {
  const stakeOf = (types: string): string | undefined =>
    /it is protected: ([^.]*)\./.exec(whyProtected("lab-trust", replacing(urnOf(types, "x"))) ?? "")?.[1];
  assert.deepEqual(
    [
      "tandem:database:MysqlCluster$tandem:host:DataVolume$docker:index/volume:Volume",
      "tandem:trust:Passwords$random:index/randomPassword:RandomPassword",
      "tandem:trust:CertificateAuthority$tls:index/privateKey:PrivateKey",
    ].map(stakeOf),
    [
      "what it holds is on this host alone, and would go with it",
      "who has this password would be locked out",
      "what it signed would not be believed any more",
    ],
  );
});

test("a failure shows it under the engine's own words, and nothing where nothing is protected", () => {
  const urn = urnOf("tandem:storage:NasVolume$docker:index/volume:Volume", "database-backup");
  const report = (message: string) => ({
    ...{ stack: "lab-dc2", result: "failed" as const, because: "", seconds: 1, text: "", resources: [] },
    changes: { create: 0, update: 0, replace: 0, delete: 0, same: 0 },
    diagnostics: [{ severity: "error" as const, resource: "database-backup", message }],
  });
  assert.match(renderFailures([report(deleting(urn))]), /^ {2}it is protected: what it holds stays on the NAS/m);
  assert.doesNotMatch(renderFailures([report("connection refused")]), /protected/);
});
