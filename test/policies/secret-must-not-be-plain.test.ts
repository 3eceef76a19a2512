import { rule } from "../../policies/rules/secret-must-not-be-plain.ts";
import { ruleTests, unknown } from "./judging.ts";
import { container, digest, file } from "./shown.ts";

const password = "kX9w-Tq2Lr7vBn4Zs8Yd";
const random = "h7Gq2Lr7vBn4Zs8YdkX9wTq3Mf5Jc6Pa1";
const what = "this looks like a secret, and is in the state and in every preview as it is; given ";

ruleTests(rule, {
  refuses: [
    [
      "a variable whose name says it",
      [container({ envs: [`MYSQL_PASSWORD=${password}`] })],
      `envs[0]: ${what}a value of PASSWORD`,
    ],
    [
      "a setting in a file's text",
      [file(`[client]\nuser = x\npassword = ${password}\n`, "x")],
      `stdin: ${what}a value of password`,
    ],
    ["a private key", [file("-----BEGIN EC PRIVATE KEY-----\nMHc\n", "x")], `stdin: ${what}a private key`],
    ["a random word", [container({ command: ["serve", random] })], `command[1]: ${what}a random word of 33 characters, h7G…`],
  ],
  permits: [
    [
      "the same as a secret",
      [file(`password = ${password}`, "x", { stdin: `password = ${password}` }), container()].map((each) => ({
        ...each,
        secrets: ["stdin"],
      })),
    ],
    ["where a secret is", [file("password_file = /etc/tandem/database/password\ntoken: $TOKEN\n", "x")]],
    [
      "digests, certificates and public keys",
      [
        file(
          `-----BEGIN CERTIFICATE-----\n${random}${random}\n-----END CERTIFICATE-----\n-----BEGIN CERTIFICATE REQUEST-----\n${random}${random}\n-----END CERTIFICATE REQUEST-----\nssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0K4m7QxX2bT9wLr7vBn4Zs8YdkX9wTq3Mf5Jc6Pa1\n${digest}\n`,
          "x",
        ),
      ],
    ],
    ["names of a certificate's parts", [container({ labels: [{ label: "tandem.configuration", value: "0f".repeat(32) }] })]],
  ],
  waitsFor: [["a value that is not known yet", [container({ command: [unknown] })]]],
});
