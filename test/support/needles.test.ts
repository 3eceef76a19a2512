import assert from "node:assert/strict";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { test } from "node:test";
import { renderKubeconfig } from "../../components/control-plane/kubeconfig.render.ts";
import { needlesOf } from "./needles.ts";

const [format, modulusLength] = ["pem", 2048] as const;
const keys = {
  "EC as SEC1": () => generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format, type: "sec1" }),
  "EC as PKCS #8": () => generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format, type: "pkcs8" }),
  "RSA as PKCS #1": () => generateKeyPairSync("rsa", { modulusLength }).privateKey.export({ format, type: "pkcs1" }),
};

const isFound = (text: string, needles: readonly string[]): boolean => needles.some((needle) => text.includes(needle));

test("a private key is found in its PEM and in a kubeconfig, and is not taken for another one", () => {
  for (const [kind, make] of Object.entries(keys)) {
    const [key, other] = [make().toString(), make().toString()];
    const needles = needlesOf({ keys: [key], passwords: [] });
    const kubeconfigOf = (privateKey: string): string =>
      renderKubeconfig({
        ...{ cluster: "dc1", server: "https://192.0.2.1:6443", user: "administrator" },
        ...{ authorities: { pem: "authority" }, credential: { certificate: "certificate", privateKey } },
      });
    for (const planted of [key, kubeconfigOf(key), JSON.stringify({ kubeconfig: kubeconfigOf(key) })])
      assert.ok(isFound(planted, needles), `${kind}: ${planted}`);
    for (const innocent of [other, kubeconfigOf(other)]) assert.ok(!isFound(innocent, needles), `${kind}: ${innocent}`);
  }
});

test("a password is found as it is and in base64", () => {
  const password = randomBytes(24).toString("hex");
  const needles = needlesOf({ keys: [], passwords: [password] });
  assert.ok(isFound(`password=${password}\n`, needles));
  assert.ok(isFound(`secret: ${Buffer.from(password).toString("base64")}\n`, needles));
});

test("what a certificate shows of a key is not taken for the key", () => {
  for (let round = 0; round < 20; round++) {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-384" });
    const key = privateKey.export({ format, type: "pkcs8" }).toString();
    const shown = publicKey.export({ format, type: "spki" }).toString();
    const needles = needlesOf({ keys: [key], passwords: [], publicKeys: [shown] });
    // Wherever its bytes begin in a certificate.
    for (let before = 0; before < 48; before++) {
      const bytes = Buffer.concat([Buffer.alloc(before), publicKey.export({ format: "der", type: "spki" })]);
      const lines = bytes.toString("base64").replaceAll(/.{64}/g, "$&\n");
      assert.ok(!isFound(lines, needles), `${before}`);
    }
    assert.ok(isFound(key, needles));
  }
});
