import { renderYaml } from "../control-plane/yaml.render.ts";
import { managed } from "../managed.render.ts";
import { imageCredentials as paths } from "./worker.render.ts";

// How a node logs in to the registry: as its zone. Pods need no secret for it, and no service account of theirs ever sees the password.

const version = { provider: "credentialprovider.kubelet.k8s.io/v1", configuration: "kubelet.config.k8s.io/v1" } as const;

/** https://kubernetes.io/docs/reference/config-api/kubelet-config.v1/ */
export const renderImageCredentialProvider = (registry: string): string =>
  renderYaml({
    apiVersion: version.configuration,
    kind: "CredentialProviderConfig",
    providers: [{ name: paths.program, matchImages: [registry], defaultCacheDuration: "0s", apiVersion: version.provider }],
  });

/** The program that the kubelet asks before each pull. */
export const renderImageCredentialProgram = (): string => `#!/bin/sh
# ${managed}
exec cat ${paths.login}
`;

/** Its answer (https://kubernetes.io/docs/reference/config-api/kubelet-credentialprovider.v1/). Secret. */
export const renderImageLogin = (registry: string, username: string, password: string): string =>
  `${JSON.stringify({
    apiVersion: version.provider,
    kind: "CredentialProviderResponse",
    cacheKeyType: "Registry",
    cacheDuration: "0s",
    auth: { [registry]: { username, password } },
  })}\n`;
