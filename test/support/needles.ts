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
  /** In PEM or OpenSSH's form: a private key holds its public one, which certificates show. */
  readonly publicKeys?: readonly string[];
}

const bytesOf = (key: string): Buffer =>
  Buffer.from(key.startsWith("-----") ? key.replaceAll(/-----.*-----|\s/g, "") : (key.split(" ")[1] ?? ""), "base64");

/** What each long line of a key's PEM has of whole groups of base64, so that it can be decoded by itself. */
function partsOf(pem: string): string[] {
  let offset = 0;
  return pem.split("\n").flatMap((line) => {
    if (!/^[\w+/=]+$/.test(line)) return [];
    const skipped = (4 - (offset % 4)) % 4;
    offset += line.length;
    const part = line.slice(skipped, line.length - ((line.length - skipped) % 4));
    return part.length < 60 ? [] : [part];
  });
}

/** Parts that are in one private key alone, because some forms begin alike, and not in its public key. */
function ownParts({ keys, publicKeys = [] }: Secrets): string[] {
  const once = [...Map.groupBy(keys.flatMap(partsOf), (part) => part)].filter(([, same]) => same.length === 1);
  const shown = publicKeys.map(bytesOf);
  return once.map(([part]) => part).filter((part) => !shown.some((bytes) => bytes.includes(Buffer.from(part, "base64"))));
}

/** Texts that show private keys and passwords, as they are and in base64. */
export function needlesOf(secrets: Secrets): string[] {
  const { keys, passwords } = secrets;
  const encoded = keys.map((pem) => middle(base64(pem)));
  return [...ownParts(secrets), ...encoded, ...passwords, ...passwords.map(base64)];
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
    publicKeys: of("tls:index/privateKey:PrivateKey", "publicKeyPem", "publicKeyOpenssh"),
    passwords: of("random:index/randomPassword:RandomPassword", "result"),
  };
}

/** A secret is exported as an object that holds it as JSON. */
const plain = (value: unknown): string =>
  typeof value === "string" ? value : (JSON.parse((value as { plaintext?: string } | undefined)?.plaintext ?? '""') as string);
