import { renderYaml } from "./yaml.render.ts";

const apiVersion = "apiserver.config.k8s.io/v1";

/** Nobody without a certificate or a token sees anything but whether the server is well: balancers ask that. */
export const renderAuthentication = (): string =>
  renderYaml({
    apiVersion,
    kind: "AuthenticationConfiguration",
    anonymous: { enabled: true, conditions: ["/healthz", "/livez", "/readyz"].map((path) => ({ path })) },
  });

/**
 * Pods keep to the restricted standard where their namespace doesn't say otherwise, without exempted namespaces. Events are bounded, because a
 * storm of them would be a storm of writes on the database.
 */
export const renderAdmission = (): string =>
  renderYaml({
    apiVersion,
    kind: "AdmissionConfiguration",
    plugins: [
      {
        name: "EventRateLimit",
        configuration: {
          apiVersion: "eventratelimit.admission.k8s.io/v1alpha1",
          kind: "Configuration",
          limits: [
            { type: "Server", qps: 100, burst: 1000 },
            { type: "Namespace", qps: 20, burst: 200 },
          ],
        },
      },
      {
        name: "PodSecurity",
        configuration: {
          apiVersion: "pod-security.admission.config.k8s.io/v1",
          kind: "PodSecurityConfiguration",
          defaults: Object.fromEntries(
            ["enforce", "audit", "warn"].flatMap((mode) => [
              [mode, "restricted"],
              [`${mode}-version`, "latest"],
            ]),
          ),
          exemptions: { usernames: [], runtimeClasses: [], namespaces: [] },
        },
      },
    ],
  });

/**
 * Secret. Values of Kubernetes' secrets are unreadable in the database and in its backups. There is no provider that reads plain text: there
 * never was any.
 *
 * @param password 32 characters
 */
export const renderEncryption = (password: string): string => {
  if (Buffer.byteLength(password) !== 32)
    throw new Error(`encryption of secrets: the password has ${Buffer.byteLength(password)} bytes; allowed: 32`);
  const key = { name: "key1", secret: Buffer.from(password).toString("base64") };
  return renderYaml({
    apiVersion,
    kind: "EncryptionConfiguration",
    resources: [{ resources: ["secrets"], providers: [{ secretbox: { keys: [key] } }] }],
  });
};
