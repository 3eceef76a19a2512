// Prints what one site's stacks of the reference platform register, as JSON: `{ "<stack>": { "commands": ["<name>", …], "probed": ["<name>", …] } }`. A process of
// its own, because the test runner watches every promise and Pulumi makes a hundred a resource.
import { loadEnvironment } from "../../environments/model/load.ts";
import { stacksOf } from "../../environments/model/stack-names.ts";
import { topologyOf } from "../../environments/model/topology-of.ts";
import { previewWithMocks } from "./mock-stack.ts";

Error.stackTraceLimit = 0;
const registered: Record<string, { readonly commands: string[]; readonly probed: string[] }> = {};
// The other site's stacks are made by the same lines.
for (const { name } of stacksOf(topologyOf(loadEnvironment("reference", {}))).filter(({ site }) => site === "dc1")) {
  const { resources, probed } = await previewWithMocks(name);
  const commands = resources.filter(({ type }) => type === "command:remote:Command").map((resource) => resource.name);
  registered[name] = { commands: commands.sort(), probed: probed.sort() };
}
process.stdout.write(JSON.stringify(registered));
