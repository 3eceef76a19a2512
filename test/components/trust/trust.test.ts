import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { CertificateAuthority } from "../../../components/trust/certificate-authority.ts";
import { ClusterAuthorities } from "../../../components/trust/cluster-authorities.ts";
import { Passwords } from "../../../components/trust/passwords.ts";
import { ServiceCertificates } from "../../../components/trust/service-certificates.ts";
import { SigningKeys } from "../../../components/trust/signing-keys.ts";
import { certificatesOf } from "../../../environments/model/certificates.ts";
import { loadEnvironment } from "../../../environments/model/load.ts";
import { topologyOf } from "../../../environments/model/topology-of.ts";

interface Declared {
  readonly type: string;
  readonly props: Readonly<Record<string, pulumi.Input<unknown>>>;
  readonly options: pulumi.CustomResourceOptions;
}

const { trust } = topologyOf(loadEnvironment("lab"));
const settings = { organization: trust.organization, ...trust.newAuthorities };

/** What a component declares, by name. */
function declaredBy(make: (options: pulumi.ComponentResourceOptions) => void): Map<string, Declared> {
  const declared = new Map<string, Declared>();
  make({
    transformations: [
      ({ name, type, props, opts }) => {
        declared.set(name, { type, props, options: opts });
        return undefined;
      },
    ],
  });
  return declared;
}

const isSecret = (value: pulumi.Input<unknown>): Promise<boolean> => pulumi.isSecret(pulumi.output(value));

describe("the trust stack's components", () => {
  // Not for the whole process: other tests of components have mocks of their own.
  before(() =>
    pulumi.runtime.setMocks({ newResource: ({ name, inputs }) => ({ id: `${name}-id`, state: inputs }), call: () => ({}) }),
  );

  test("the authority that issues is protected, one that waits or goes is not, and settings for new ones change neither", () => {
    for (const isIssuing of [true, false]) {
      const made = declaredBy((options) => {
        new CertificateAuthority(`authority-${isIssuing}`, { ...settings, commonName: "lab platform a1", isIssuing }, options);
      });
      const [, ...resources] = [...made.values()];
      assert.deepEqual(
        resources.map(({ type, options }) => [type, options.protect]),
        [
          ["tls:index/privateKey:PrivateKey", isIssuing],
          ["tls:index/selfSignedCert:SelfSignedCert", isIssuing],
        ],
      );
      assert.deepEqual(resources[0]?.options.ignoreChanges, ["algorithm", "ecdsaCurve", "rsaBits"]);
      assert.deepEqual(resources[1]?.options.ignoreChanges, ["subject", "validityPeriodHours"]);
    }
  });

  test("everything of a component has it as its parent", () => {
    const made = declaredBy((options) => {
      new ClusterAuthorities("cluster", { platform: "lab", site: "dc1", generation: "a1", trust, isIssuing: true }, options);
    });
    const parentOf = (name: string): string | undefined =>
      (made.get(name)?.options.parent as { __name?: string } | undefined)?.__name;
    assert.deepEqual(
      [...made.keys()].map((name) => [name, parentOf(name)]),
      [
        ["cluster", undefined],
        ["kubernetes-dc1-a1", "cluster"],
        ["kubernetes-dc1-a1-key", "kubernetes-dc1-a1"],
        ["kubernetes-dc1-a1-certificate", "kubernetes-dc1-a1"],
        ["front-proxy-dc1-a1", "cluster"],
        ["front-proxy-dc1-a1-key", "front-proxy-dc1-a1"],
        ["front-proxy-dc1-a1-certificate", "front-proxy-dc1-a1"],
        ["service-account-dc1-a1-key", "cluster"],
      ],
    );
  });

  test("keys and passwords are secret wherever they are an input or an output", async () => {
    const platform = {
      certificate: pulumi.output("certificate"),
      intermediates: "",
      privateKey: pulumi.secret("key"),
      endTime: pulumi.output("2030-01-01T00:00:00Z"),
    };
    const [first] = certificatesOf(topologyOf(loadEnvironment("lab")));
    assert.ok(first);
    let passwords: Passwords | undefined;
    let signing: SigningKeys | undefined;
    const made = declaredBy((options) => {
      const signers = new Map([["platform", platform]] as const);
      new ServiceCertificates("certificates", { certificates: [first], settings: trust.certificates, signers }, options);
      passwords = new Passwords("passwords", { purposes: ["registry-a", "database-backup"], hashed: ["registry-a"] }, options);
      signing = new SigningKeys("signing-keys", { names: ["tokens"] }, options);
    });
    const of = (name: string): Declared => made.get(name) ?? assert.fail(`${name} is not declared`);
    assert.ok(of(`${first.name}-key`).options.additionalSecretOutputs?.includes("privateKeyPem"));
    assert.ok(await isSecret(of(`${first.name}-request`).props["privateKeyPem"]));
    assert.ok(await isSecret(of(`${first.name}-certificate`).props["caPrivateKeyPem"]));
    assert.ok(of("database-backup-password").options.additionalSecretOutputs?.includes("result"));
    assert.equal(of("database-backup-password").options.protect, true);
    assert.ok(of("registry-a-password").options.additionalSecretOutputs?.includes("bcryptHash"));
    assert.deepEqual(Object.keys(passwords?.values ?? {}), ["registry-a", "registry-a-bcrypt", "database-backup"]);
    assert.ok(of("tokens-key").options.additionalSecretOutputs?.includes("privateKeyPem"));
    assert.deepEqual([of("tokens-key").props["algorithm"], [...(signing?.values.keys() ?? [])]], ["RSA", ["tokens"]]);
  });

  test("a password has a letter of each case and a digit; those that were made before this was asked for stay", () => {
    const made = declaredBy((options) => {
      new Passwords("kinds", { purposes: ["a"], hashed: [] }, options);
    });
    const { props, options } = made.get("a-password") ?? assert.fail("no password");
    assert.deepEqual([props["minLower"], props["minUpper"], props["minNumeric"]], [1, 1, 1]);
    assert.deepEqual(options.ignoreChanges, ["minLower", "minNumeric", "minUpper"]);
  });

  test("a certificate is asked for with what the model says, and renewed in the days before its end", () => {
    const platform = {
      certificate: pulumi.output("c"),
      intermediates: "",
      privateKey: pulumi.secret("k"),
      endTime: pulumi.output(""),
    };
    const [first] = certificatesOf(topologyOf(loadEnvironment("lab")));
    assert.ok(first);
    for (const [key, uses] of [
      ["ecdsa-p256", ["digital_signature"]],
      ["rsa-3072", ["digital_signature", "key_encipherment"]],
    ] as const) {
      const made = declaredBy((options) => {
        const args = {
          certificates: [first],
          settings: { key, lifetimeDays: 90, renewDays: 15 },
          signers: new Map([["platform", platform]] as const),
        };
        new ServiceCertificates(`of-${key}`, args, options);
      });
      const request: Declared["props"] = made.get(`${first.name}-request`)?.props ?? {};
      assert.deepEqual([request["dnsNames"], request["ipAddresses"]], [first.dnsNames, first.ipAddresses]);
      const certificate: Declared["props"] = made.get(`${first.name}-certificate`)?.props ?? {};
      assert.deepEqual([certificate["validityPeriodHours"], certificate["earlyRenewalHours"]], [2160, 360]);
      assert.deepEqual(certificate["allowedUses"], [...uses, "client_auth", "server_auth"]);
    }
  });
});
