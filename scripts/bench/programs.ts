/** A resource of `resources.json`; its provider stands before it. */
export interface RawResource {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly provider?: string;
}

/** Registers the resources of `resources.json`, as a person would who writes them out one by one. */
export const rawResources = `
import * as command from "@pulumi/command";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { readFileSync } from "node:fs";
const made = new Map<string, pulumi.Resource>();
const register = ({ type, name, inputs, provider }: any): pulumi.Resource => {
  const options = { provider: made.get(provider) } as pulumi.CustomResourceOptions;
  switch (type) {
    case "command:remote:Command": return new command.remote.Command(name, inputs, options);
    case "docker:index/container:Container": return new docker.Container(name, inputs, options);
    case "pulumi:providers:docker": return new docker.Provider(name, inputs);
    default: throw new Error(type + " is not written by hand yet");
  }
};
for (const resource of JSON.parse(readFileSync("resources.json", "utf8"), (key, value) => (key.startsWith("__") ? undefined : value)))
  made.set(resource.name, register(resource));
`;

/** So many resources that do nothing, each with a text of its own. */
export const idleResources = (count: number): string => `
import * as command from "@pulumi/command";
for (let index = 0; index < ${count}; index++) new command.local.Command("idle-" + index, { create: "true", environment: { INDEX: String(index) } });
`;

/** Reads the packages that our own stacks read, and registers one resource. */
export const platformPackages = `
import * as command from "@pulumi/command";
import * as docker from "@pulumi/docker";
import * as tls from "@pulumi/tls";
export const provided = [docker.Container, tls.PrivateKey];
new command.local.Command("one", { create: "true" });
`;
