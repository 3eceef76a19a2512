import type * as tls from "@pulumi/tls";
import type { KeyType } from "../../environments/model/topology.ts";

const keyArguments: Readonly<Record<KeyType, tls.PrivateKeyArgs>> = {
  "ecdsa-p256": { algorithm: "ECDSA", ecdsaCurve: "P256" },
  "ecdsa-p384": { algorithm: "ECDSA", ecdsaCurve: "P384" },
  "rsa-2048": { algorithm: "RSA", rsaBits: 2048 },
  "rsa-3072": { algorithm: "RSA", rsaBits: 3072 },
  "rsa-4096": { algorithm: "RSA", rsaBits: 4096 },
};

export const privateKeyArguments = (type: KeyType): tls.PrivateKeyArgs => keyArguments[type];

/** What a change of the environment file must not make anew: it is for keys that are made from now on. */
export const keySettings = ["algorithm", "ecdsaCurve", "rsaBits"];
