import { rule } from "../../policies/rules/random-text-must-be-secret.ts";
import { ruleTests, unknown } from "./judging.ts";
import { container, digest, file } from "./shown.ts";

const random = "h7Gq2Lr7vBn4Zs8YdkX9wTq3Mf5Jc6Pa1";
const pem = (kind: string): string => `-----BEGIN ${kind}-----\n${random}${random}\n-----END ${kind}-----\n`;

ruleTests(rule, {
  refuses: [
    [
      "a random word",
      [container({ command: ["serve", random] })],
      "command[1]: this looks random, as secrets do; given a word of 33 characters; allowed a secret output",
    ],
    ["what is called a private key", [file(pem("PRIVATE KEY"), "x")], "stdin: this looks random"],
  ],
  permits: [
    ["the same as a secret", [{ ...file(random, "x"), secrets: ["stdin"] }]],
    [
      "certificates, requests and public keys",
      [file(["CERTIFICATE", "CERTIFICATE REQUEST", "PUBLIC KEY"].map(pem).join(""), "x")],
    ],
    [
      "a public key of SSH, and digests",
      [
        file(
          `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0K4m7QxX2bT9wLr7vBn4Zs8YdkX9wTq3Mf5Jc6Pa1\n${digest}\n${"0f".repeat(32)}\n`,
          "x",
        ),
      ],
    ],
    ["long names", [file("tandem-database-dc1-platform-db1-configuration-digest-of-all-files", "x")]],
  ],
  waitsFor: [["a value that is not known yet", [container({ command: [unknown] })]]],
});
