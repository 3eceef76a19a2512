import type { Deployment, StateResource } from "../../../scripts/deploy/deployment.ts";

// A small state as the engine exports it: two hosts of a zone stack, each with its preparation and one container.

const types = {
  host: "tandem:host:Host",
  command: "command:remote:Command",
  container: "docker:index/container:Container",
} as const;

export const stackUrn = "urn:pulumi:lab-dc1::tandem::pulumi:pulumi:Stack::tandem-lab-dc1";

export const hostUrn = (name: string): string => `urn:pulumi:lab-dc1::tandem::${types.host}::${name}`;

const childUrn = (type: string, name: string): string => `urn:pulumi:lab-dc1::tandem::${types.host}$${type}::${name}`;

export const commandUrn = (host: string): string => childUrn(types.command, `sysctl-${host}`);

function hostResources(name: string, dependsOn: readonly string[]): StateResource[] {
  const container = childUrn(types.container, `haproxy-${name}`);
  const probe = { resource: `sysctl-${name}`, host: name, what: "file /etc/x", command: "cat /etc/x", expected: "one\n" };
  return [
    { urn: hostUrn(name), type: types.host, parent: stackUrn, outputs: { host: name, probes: [probe] } },
    {
      urn: commandUrn(name),
      type: types.command,
      id: `id-${name}`,
      parent: hostUrn(name),
      dependencies: dependsOn,
      inputs: { create: "cat > /etc/x", stdin: "one\n" },
    },
    {
      urn: container,
      type: types.container,
      id: `container-${name}`,
      parent: hostUrn(name),
      provider: `${providerUrn}::provider-id`,
      outputs: { name: `tandem-${name}`, image: "haproxy", labels: [{ label: "tandem.host", value: name }] },
    },
  ];
}

export const providerUrn = "urn:pulumi:lab-dc1::tandem::pulumi:providers:docker::docker";

export function exampleState(time = "2026-11-21T10:00:00Z"): Deployment {
  const hosts = { "dc1-platform-db1": { hostKey: "one" }, "dc1-platform-db10": { hostKey: "ten" } };
  return {
    version: 3,
    deployment: {
      manifest: { time },
      secrets_providers: { type: "passphrase", state: { salt: "v1:abc" } },
      resources: [
        { urn: stackUrn, type: "pulumi:pulumi:Stack", outputs: { identity: { platform: "lab", hosts } } },
        { urn: providerUrn, type: "pulumi:providers:docker", id: "provider-id", inputs: { host: "unix:///run/x.sock" } },
        ...hostResources("dc1-platform-db1", []),
        ...hostResources("dc1-platform-db10", [commandUrn("dc1-platform-db1")]),
      ],
    },
  };
}
