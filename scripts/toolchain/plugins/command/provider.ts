import { differences } from "../provider/differences.ts";
import type { Provider } from "../provider/provider.ts";
import { type Checked, checkShape, type Shape } from "../provider/shape.ts";
import { plain, type Values } from "../provider/values.ts";
import { CommandResource, newId, type Runner, workFor } from "./command.ts";
import {
  copyToRemoteShape,
  type LocalInputs,
  localCommandShape,
  localRunShape,
  type RemoteInputs,
  remoteCommandShape,
} from "./shapes.ts";
import { sourceProblem } from "./source.ts";

/** Loaded with the first command: a preview needs neither processes nor SSH. */
const local: Runner = async (command, inputs, work) => {
  const { runLocal } = await import("./local.ts");
  return runLocal(command, inputs as LocalInputs, work);
};
const remote: Runner = async (command, inputs, work) => {
  const { runRemote } = await import("./remote.ts");
  return runRemote(command, inputs as unknown as RemoteInputs, work);
};
const copy = async (inputs: Values, ...rest: [context: Parameters<Provider["create"]>[1], urn: string]) => {
  const { copyToRemote } = await import("./copy.ts");
  await copyToRemote(inputs, ...rest);
};

const shapes: Readonly<Record<string, Shape>> = {
  "command:local:Command": localCommandShape,
  "command:remote:Command": remoteCommandShape,
  "command:remote:CopyToRemote": copyToRemoteShape,
};
const commands: Readonly<Record<string, CommandResource>> = {
  "command:local:Command": new CommandResource(local, (property) => Object.hasOwn(localCommandShape, property)),
  "command:remote:Command": new CommandResource(remote, (property) => Object.hasOwn(remoteCommandShape, property)),
};

function shapeOf(type: string): Shape {
  const shape = Object.hasOwn(shapes, type) ? shapes[type] : undefined;
  if (shape) return shape;
  throw new Error(
    `${type}: the portable plugin for command has no such resource; it has ${Object.keys(shapes).join(", ")}. For others use the official plugin`,
  );
}

/** The inputs in a resource's state: the state is its inputs and its outputs together. */
function inputsIn(state: Values, shape: Shape): Values {
  return Object.fromEntries(Object.entries(state).filter(([key]) => Object.hasOwn(shape, key)));
}

export const commandProvider: Provider = {
  name: "command",
  version: "1.2.1",

  async checkConfig(news): Promise<Checked> {
    return checkShape(news, {
      version: { type: "string" },
      pluginDownloadURL: { type: "string" },
      pluginChecksums: { type: "any" },
    });
  },

  async check({ type, news }): Promise<Checked> {
    const checked = checkShape(news, shapeOf(type));
    if (type !== "command:remote:CopyToRemote") return checked;
    const reason = sourceProblem(checked.inputs["source"]);
    return reason ? { ...checked, failures: [...checked.failures, { property: "source", reason }] } : checked;
  },

  async diff({ type, olds, news }) {
    return differences(inputsIn(olds, shapeOf(type)), news, (property) => property === "triggers");
  },

  async create(request, context) {
    const command = commands[request.type];
    if (command) return command.create(request, context);
    shapeOf(request.type);
    if (request.preview) return { id: "", properties: request.inputs };
    await copy(request.inputs, context, request.urn);
    return { id: newId(""), properties: request.inputs };
  },

  /** Nothing of a command can be read back; the state is what is known. */
  async read({ type, id, properties, inputs }) {
    const shape = shapeOf(type);
    return { id, properties, inputs: Object.keys(inputs).length > 0 ? inputs : inputsIn(properties, shape) };
  },

  async update(request, context) {
    const command = commands[request.type];
    if (command) return command.update(request, context);
    shapeOf(request.type);
    if (!request.preview) await copy(request.news, context, request.urn);
    return request.news;
  },

  async delete(request, context) {
    shapeOf(request.type);
    await commands[request.type]?.delete(request, context);
  },

  async invoke(token, args, context) {
    if (token !== "command:local:run") {
      throw new Error(`${token}: the portable plugin for command has no such function; it has command:local:run`);
    }
    const { inputs, failures } = checkShape(args, localRunShape);
    if (failures.length > 0)
      throw new Error(failures.map(({ property, reason }) => `${token}: ${property}: ${reason}`).join("\n"));
    const { command, ...others } = plain(inputs) as Values;
    return { ...inputs, ...(await local(command as string, others, workFor("", context, inputs, {}))) };
  },
};
