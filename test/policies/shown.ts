import type { Shown } from "./judging.ts";

// Resources that no rule has anything against, for tests to change.

export const digest = `sha256:${"0".repeat(64)}`;
export const image =
  "registry.reference.tandem.internal/platform/haproxy:3.0.11@sha256:3dbf5efcadf1ab0ddd5e5f518c39c7afbe66c9e433c547cf05b3dc970920b850";

/** A service's container on a host. */
export const container = (inputs: object = {}, { service = "haproxy", host = "dc1-platform-lb1" } = {}): Shown => ({
  type: "docker:index/container:Container",
  name: `${service}-${host}`,
  isDeletedFirst: true,
  inputs: {
    ...{ image, name: `tandem-${service}`, networkMode: "host", pidMode: "host", user: "900:900" },
    capabilities: { adds: [], drops: ["ALL"] },
    securityOpts: ["no-new-privileges"],
    ...{ memory: 512, memorySwap: 512, cpus: "7.2", restart: "unless-stopped", destroyGraceSeconds: 5 },
    ...{ logDriver: "json-file", logOpts: { "max-file": "3", "max-size": "10m" } },
    mounts: [{ type: "bind", source: "/etc/tandem", target: "/etc/tandem", readOnly: true }],
    labels: [
      { label: "tandem.host", value: host },
      { label: "tandem.service", value: service },
    ],
    ...inputs,
  },
});

/** A text that is written to a host. */
export const file = (stdin: string, name: string, inputs: object = {}): Shown => ({
  type: "command:remote:Command",
  name,
  inputs: {
    connection: { host: "10.20.11.4", hostKey: "ssh-ed25519 AAAAC3", user: "tandem" },
    create: "cat > /etc/x",
    stdin,
    ...inputs,
  },
});

/** A deployment whose one container can be changed, and its pod. */
export const deployment = (
  ofContainer: object = {},
  ofPod: object = {},
  { name = "quotes", namespace = "policy" } = {},
): Shown => ({
  type: "kubernetes:apps/v1:Deployment",
  name,
  inputs: {
    metadata: { name, namespace },
    spec: {
      template: {
        spec: {
          automountServiceAccountToken: false,
          securityContext: { runAsNonRoot: true, runAsUser: 900, seccompProfile: { type: "RuntimeDefault" } },
          containers: [
            {
              ...{ name: "quotes", image },
              resources: { requests: { cpu: "20m", memory: "48Mi" }, limits: { memory: "96Mi" } },
              securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
              ...ofContainer,
            },
          ],
          ...ofPod,
        },
      },
    },
  },
});
