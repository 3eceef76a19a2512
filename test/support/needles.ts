const base64 = (text: string): string => Buffer.from(text).toString("base64");

/** Of a key's PEM in base64, as a kubeconfig holds it: behind what the keys of one kind have in common, and short enough for lines of 76. */
function middle(encoded: string): string {
  const from = Math.floor(encoded.length / 3);
  return encoded.slice(from, from + 60);
}

/** What a search looks for. */
export interface Secrets {
  /** Private ones, in PEM. */
  readonly keys: readonly string[];
  readonly passwords: readonly string[];
  /** Public keys: a private one in OpenSSH's form begins with its public one. */
  readonly public?: readonly string[];
}

/** Lines of PEM that are in one private key alone: the first one of some forms is the same in all. */
function ownLines(keys: readonly string[], publicKeys: string): string[] {
  const lines = keys.flatMap((pem) => pem.split("\n").filter((line) => /^[\w+/]{60,}$/.test(line)));
  const once = [...Map.groupBy(lines, (line) => line)].filter(([, same]) => same.length === 1).map(([line]) => line);
  return once.filter((line) => !publicKeys.includes(line));
}

/** Texts that show private keys and passwords, as they are and in base64. */
export function needlesOf({ keys, passwords, public: publicKeys = [] }: Secrets): string[] {
  const encoded = keys.map((pem) => middle(base64(pem)));
  return [...ownLines(keys, publicKeys.join("\n")), ...encoded, ...passwords, ...passwords.map(base64)];
}

/** Every private key, in each form that its provider gives, and every password of a stack: its state, exported with `--show-secrets`. */
export function secretsIn(exported: string): Secrets {
  const { deployment } = JSON.parse(exported) as {
    deployment: { resources: readonly { type: string; outputs?: Record<string, unknown> }[] };
  };
  const of = (type: string, ...names: readonly string[]): string[] =>
    deployment.resources
      .filter((resource) => resource.type === type)
      .flatMap(({ outputs = {} }) => names.map((name) => plain(outputs[name])).filter((text) => text !== ""));
  return {
    keys: of("tls:index/privateKey:PrivateKey", "privateKeyPem", "privateKeyPemPkcs8", "privateKeyOpenssh"),
    public: of("tls:index/privateKey:PrivateKey", "publicKeyOpenssh"),
    passwords: of("random:index/randomPassword:RandomPassword", "result"),
  };
}

/** A secret is exported as an object that holds it as JSON. */
const plain = (value: unknown): string =>
  typeof value === "string" ? value : (JSON.parse((value as { plaintext?: string } | undefined)?.plaintext ?? '""') as string);
