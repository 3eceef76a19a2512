import { renderYaml } from "./yaml.render.ts";

export interface Kubeconfig {
  readonly cluster: string;
  /** As in `https://192.0.2.1:6443`. */
  readonly server: string;
  readonly user: string;
  /** Path of a file, or the PEM text itself. */
  readonly authorities: { readonly file: string } | { readonly pem: string };
  /** Path of a file with certificate and key, or the PEM texts themselves: with a key the whole is a secret. */
  readonly credential: { readonly file: string } | { readonly certificate: string; readonly privateKey: string };
}

const base64 = (text: string): string => Buffer.from(text).toString("base64");

export function renderKubeconfig({ cluster, server, user, authorities, credential }: Kubeconfig): string {
  const believed =
    "file" in authorities
      ? { "certificate-authority": authorities.file }
      : { "certificate-authority-data": base64(authorities.pem) };
  const shown =
    "file" in credential
      ? { "client-certificate": credential.file, "client-key": credential.file }
      : { "client-certificate-data": base64(credential.certificate), "client-key-data": base64(credential.privateKey) };
  return renderYaml({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: cluster, cluster: { server, ...believed } }],
    users: [{ name: user, user: shown }],
    contexts: [{ name: cluster, context: { cluster, user } }],
    "current-context": cluster,
  });
}
