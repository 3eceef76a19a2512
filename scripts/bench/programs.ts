/** Registers the resources of `resources.json`, as a person would who writes them out one by one. */
export const rawResources = `
import * as command from "@pulumi/command";
import { readFileSync } from "node:fs";
interface Raw { readonly name: string; readonly inputs: command.remote.CommandArgs }
const resources: Raw[] = JSON.parse(readFileSync("resources.json", "utf8"));
for (const { name, inputs } of resources) new command.remote.Command(name, inputs);
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
