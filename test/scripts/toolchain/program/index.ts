import { existsSync } from "node:fs";
import { join } from "node:path";
import { RandomBytes, RandomId, RandomPassword } from "@pulumi/random";
import { CertRequest, LocallySignedCert, PrivateKey, SelfSignedCert } from "@pulumi/tls";

const password = new RandomPassword("password", { length: 24 });
const id = new RandomId("id", { byteLength: 4 });
new RandomBytes("bytes", { length: 8 });

const authorityKey = new PrivateKey("authority", { algorithm: "ECDSA", ecdsaCurve: "P256" });
const authority = new SelfSignedCert("authority", {
  privateKeyPem: authorityKey.privateKeyPem,
  subject: { commonName: "trial authority" },
  validityPeriodHours: 24,
  allowedUses: ["cert_signing"],
  isCaCertificate: true,
  // The test creates this file to see what the plugin makes of a property that it does not have.
  ...(existsSync(join(import.meta.dirname, "unknown-property")) && { maxPathLength: 0 }),
});
const request = new CertRequest("server", {
  privateKeyPem: authorityKey.privateKeyPem,
  subject: { commonName: id.hex },
  dnsNames: ["server.example"],
});
new LocallySignedCert("server", {
  certRequestPem: request.certRequestPem,
  caPrivateKeyPem: authorityKey.privateKeyPem,
  caCertPem: authority.certPem,
  validityPeriodHours: 24,
  allowedUses: ["server_auth"],
});

export const secretPassword = password.result;
export const secretKey = authorityKey.privateKeyPem;
