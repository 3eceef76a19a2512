// Prints what two stacks of the reference platform register, whose hosts are real machines, as JSON: `{ "<stack>": { "commands": ["<name>", …], "probed": ["<name>", …] } }`. A process of
// its own, because the test runner watches every promise and Pulumi makes a hundred a resource.
import { previewWithMocks } from "./mock-stack.ts";

Error.stackTraceLimit = 0;
const registered: Record<string, { readonly commands: string[]; readonly probed: string[] }> = {};
for (const name of ["reference-dc1-internet", "reference-dc1-services"]) {
  const { resources, probed } = await previewWithMocks(name);
  const commands = resources.filter(({ type }) => type === "command:remote:Command").map((resource) => resource.name);
  registered[name] = { commands: commands.sort(), probed: probed.sort() };
}
process.stdout.write(JSON.stringify(registered));
