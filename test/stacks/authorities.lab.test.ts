import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { certificatesOf } from "../../environments/model/certificates.ts";
import { filesWith } from "../support/lab.ts";
import {
  companyAuthority,
  directory,
  name,
  outputs,
  pems,
  project,
  refused,
  setAuthorities,
  topology,
  up,
  verify,
  write,
} from "./trust-session.ts";

// Who issues changes: by the real engine, judged by OpenSSL; one state for all tests, in this order.

test("all certificates are issued", async () => void (await up()));

test("an authority is rotated in three steps, each verified; a step that would break trust is refused and changes nothing", async () => {
  const first = await outputs();
  for (const list of ["[a2]", "[a2, a1]"]) {
    setAuthorities(list);
    await refused(/trust\.authorities: .* in three steps/);
  }
  const [a1 = ""] = pems(first.authorities.platform);
  const leaves = Object.keys(first.certificates);
  const platformLeaves = certificatesOf(topology).flatMap((each) => (each.signedBy === "platform" ? [each.name] : []));

  setAuthorities("[a1, a2]");
  await up();
  const second = await outputs();
  const both = pems(second.authorities.platform);
  assert.equal(both[0], a1);
  assert.equal(both.length, 2);
  assert.deepEqual(second.certificates, first.certificates);
  assert.deepEqual(second.privateKeys, first.privateKeys);

  setAuthorities("[a2, a1]");
  await up();
  const third = await outputs();
  assert.deepEqual(pems(third.authorities.platform), [...both].reverse());
  assert.deepEqual(
    leaves.filter((each) => third.certificates[each] === first.certificates[each]),
    [],
  );
  const [old, renewed] = [first, third].map(({ certificates }) => platformLeaves.map((each) => certificates[each] ?? ""));
  assert.equal(await verify(both, [...(old ?? []), ...(renewed ?? [])]), undefined);
  assert.match((await verify([a1], renewed ?? [])) ?? "", /unable to get local issuer/);

  setAuthorities("[a2]");
  await up();
  const last = await outputs();
  assert.deepEqual(pems(last.authorities.platform), [both[1]]);
  assert.deepEqual(last.certificates, third.certificates);
  assert.ok(!Object.keys(last.expiry).some((each) => each.endsWith("-a1")));
});

test("the user's own authority takes over by the same steps; its certificates lead to the company's root", async () => {
  const company = await companyAuthority();
  const place = (text: string): void => writeFileSync(join(directory, "checkout", "environments", "company.pem"), text);
  const own = "{ name: corp, certificateFile: company.pem }";

  setAuthorities(`[a2, ${own}]`);
  await refused(/environments\/company\.pem: no such file/);
  place(company.certificate);
  await refused(/O=Company, CN=Company platform is not signed by the certificate after it/);
  place(`${company.certificate}${company.root}`);
  await up();
  setAuthorities(`[${own}, a2]`);
  await refused(/authority corp: its private key is not in the stack: .*tandem:authorityKey-corp/);
  const setKey = async (value: string): Promise<void> =>
    (await project.open(name)).setConfig("tandem:authorityKey-corp", { value, secret: true });
  await setKey((await outputs()).privateKeys["kubernetes-dc1"] ?? "");
  await refused(/tandem:authorityKey-corp of stack reference-trust: not the key of the authority's certificate/);
  await setKey(company.key);
  await up();

  const made = await outputs();
  const server = "kube-apiserver-dc1-platform-cp1";
  const [leaf = "", ...intermediates] = (made.certificates[server] ?? "").split(/(?<=-----END CERTIFICATE-----\n)/);
  assert.deepEqual(intermediates, [company.certificate]);
  const shown = ["-untrusted", write("intermediates.pem", intermediates.join(""))];
  assert.equal(await verify([company.root], [leaf], "-purpose", "sslserver", ...shown), undefined);
  assert.equal(
    made.expiry["platform-corp"],
    new X509Certificate(company.certificate).validToDate.toISOString().replace(".000Z", "Z"),
  );
  assert.deepEqual(filesWith(directory, company.key.split("\n").slice(1, 3)), [join(directory, "company-key.pem")]);
});
