// Prints what the stacks of a platform register, as JSON: `{ "<stack>": { "resources": ["<type> <name>", …], "probed": ["<name>", …] } }`. A process of its own, because the test
// runner watches every promise and Pulumi makes a hundred a resource.
import { loadEnvironment } from "../../environments/model/load.ts";
import { stacksOf } from "../../environments/model/stack-names.ts";
import { topologyOf } from "../../environments/model/topology-of.ts";
import { fakeLab, previewWithMocks } from "./mock-stack.ts";

Error.stackTraceLimit = 0;
const lab = fakeLab();
process.env["TANDEM_LAB"] = lab.directory;
try {
  const registered: Record<string, { readonly resources: string[]; readonly probed: string[] }> = {};
  for (const { name } of stacksOf(topologyOf(loadEnvironment(process.argv[2] ?? "", {})))) {
    const { resources, probed } = await previewWithMocks(name);
    registered[name] = {
      resources: resources.map((resource) => `${resource.type} ${resource.name}`).sort(),
      probed: probed.sort(),
    };
  }
  process.stdout.write(JSON.stringify(registered));
} finally {
  lab.remove();
}
