import { controlPlanePaths } from "./cluster.render.ts";

export type Flags = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** As the programs of Kubernetes read them, in an order of their own. */
export const renderFlags = (flags: Flags): string[] =>
  Object.entries(flags)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `--${name}=${Array.isArray(value) ? value.join(",") : value}`);

/**
 * The floor of all servers of Kubernetes. TLS 1.3 has no choice of suites; of TLS 1.2 the ones with forward secrecy and authenticated
 * encryption.
 */
export const tlsFloor: Flags = {
  "tls-min-version": "VersionTLS12",
  "tls-cipher-suites": ["ECDHE_ECDSA", "ECDHE_RSA"].flatMap((exchange) =>
    ["AES_128_GCM_SHA256", "AES_256_GCM_SHA384", "CHACHA20_POLY1305_SHA256"].map((cipher) => `TLS_${exchange}_WITH_${cipher}`),
  ),
};

/** Of a server beside the API server: whom it asks, and users known as the API server knows them. */
export const delegating = (kubeconfig: string): Flags => ({
  kubeconfig,
  "authentication-kubeconfig": kubeconfig,
  "authorization-kubeconfig": kubeconfig,
  "client-ca-file": controlPlanePaths.kubernetesAuthorities,
  "requestheader-client-ca-file": controlPlanePaths.frontProxyAuthorities,
});

/** A file that holds both: programs read the certificate and the key of one file each. */
export const certificateAndKey = (certificateFlag: string, keyFlag: string, file: string): Flags => ({
  [certificateFlag]: file,
  [keyFlag]: file,
});
