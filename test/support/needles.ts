import type { TrustOutputs } from "../../stacks/upstream.ts";

const base64 = (text: string): string => Buffer.from(text).toString("base64");

/** Of a key's PEM in base64, as a kubeconfig holds it: behind what the keys of one kind have in common, and short enough for lines of 76. */
function middle(encoded: string): string {
  const from = Math.floor(encoded.length / 3);
  return encoded.slice(from, from + 60);
}

/** What a search looks for to find private keys and passwords, as they are and in base64. */
export function needlesOf({ privateKeys, passwords }: Pick<TrustOutputs, "privateKeys" | "passwords">): string[] {
  const keys = Object.values(privateKeys);
  const keyLines = keys.flatMap((pem) => pem.split("\n").filter((line) => /^[\w+/]{60,}$/.test(line)));
  const words = Object.values(passwords);
  return [...keyLines, ...keys.map((pem) => middle(base64(pem))), ...words, ...words.map(base64)];
}
