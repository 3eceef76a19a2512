import { rule } from "../../policies/rules/secret-must-not-be-plain.ts";
import { ruleTests, unknown } from "./judging.ts";
import { container, file } from "./shown.ts";

const password = "kX9w-Tq2Lr7vBn4Zs8Yd";
const what = "this is in the state and in every preview as it is; given ";

ruleTests(rule, {
  refuses: [
    [
      "a variable whose name says it",
      [container({ envs: [`MYSQL_PASSWORD=${password}`] })],
      `envs[0]: ${what}a value of PASSWORD;`,
    ],
    [
      "a setting in a file's text",
      [file(`[client]\nuser = x\npassword = ${password}\n`, "x")],
      `stdin: ${what}a value of password;`,
    ],
    ["a private key", [file("-----BEGIN EC PRIVATE KEY-----\nMHc\n", "x")], `stdin: ${what}a private key;`],
  ],
  permits: [
    ["the same as a secret", [{ ...file(`password = ${password}`, "x"), secrets: ["stdin"] }]],
    ["where a secret is", [file("password_file = /etc/tandem/database/password\ntoken: $TOKEN\n", "x")]],
    ["a word after a name that says it", [file("password = required\nsecret: true\n", "x")]],
  ],
  waitsFor: [["a value that is not known yet", [container({ command: [unknown] })]]],
});
