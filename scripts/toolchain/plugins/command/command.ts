import { randomBytes } from "node:crypto";
import { LogLines } from "../provider/log-lines.ts";
import type { Context, CreateRequest, DeleteRequest, UpdateRequest } from "../provider/provider.ts";
import { redactor } from "../provider/redact.ts";
import {
  containsUnknown,
  isSecret,
  isUnknown,
  plain,
  secretTexts,
  texts,
  unknown,
  type Value,
  type Values,
} from "../provider/values.ts";

/** What a run of a command needs besides its inputs. */
export interface Work {
  readonly urn: string;
  readonly context: Context;
  readonly lines: LogLines;
  /** Takes the resource's secrets out of a text. */
  readonly redact: (text: string) => string;
  /** The outputs in the state. */
  readonly previous: Values;
}

export type Runner = (command: string, inputs: Values, work: Work) => Promise<Values>;

/** The life of a Command, local or remote; they differ in how a command is run. */
export class CommandResource {
  private readonly run: Runner;
  private readonly isInput: (property: string) => boolean;

  constructor(run: Runner, isInput: (property: string) => boolean) {
    this.run = run;
    this.isInput = isInput;
  }

  /** A preview runs nothing: what the command will write is unknown. */
  async create({ urn, name, inputs, preview }: CreateRequest, context: Context): Promise<{ id: string; properties: Values }> {
    if (preview) return { id: "", properties: { ...inputs, ...unknownOutputs(inputs) } };
    const outputs = await this.runOne(inputs["create"], inputs, workFor(urn, context, inputs, {}));
    return { id: newId(name), properties: { ...inputs, ...(outputs ?? { stdout: "", stderr: "" }) } };
  }

  /** Runs `update`, or `create` where there is none. A command that fails throws, and the engine keeps the old state. */
  async update({ urn, olds, news, preview }: UpdateRequest, context: Context): Promise<Values> {
    if (preview) return { ...news, ...unknownOutputs(news) };
    const previous = this.outputsOf(olds);
    const outputs = await this.runOne(news["update"] ?? news["create"], news, workFor(urn, context, news, previous));
    return { ...news, ...(outputs ?? previous) };
  }

  async delete({ urn, properties }: DeleteRequest, context: Context): Promise<void> {
    const inputs = Object.fromEntries(Object.entries(properties).filter(([key]) => this.isInput(key)));
    await this.runOne(properties["delete"], inputs, workFor(urn, context, inputs, this.outputsOf(properties)));
  }

  /** `undefined`: there is no command to run. */
  private async runOne(command: Value | undefined, inputs: Values, work: Work): Promise<Values | undefined> {
    if (command === undefined || command === null) return undefined;
    if (containsUnknown(inputs)) throw new Error("an input is still unknown: this is an error of the engine or of the program");
    return this.run(plain(command) as string, plain(inputs) as Values, work);
  }

  private outputsOf(state: Values): Values {
    return Object.fromEntries(Object.entries(state).filter(([key]) => !this.isInput(key)));
  }
}

export function newId(name: string): string {
  return name + randomBytes(4).toString("hex");
}

export function workFor(urn: string, context: Context, inputs: Values, previous: Values): Work {
  const redact = redactor(secretsOf(inputs, previous));
  return { urn, context, redact, previous, lines: new LogLines(context.engine, urn, redact) };
}

/** What must never show: everything marked secret. Of a connection, which is secret as a whole, that is its passwords and keys. */
export function secretsOf(inputs: Values, previous: Values): string[] {
  const { connection = null, ...others } = inputs;
  const keys = ["password", "privateKey", "privateKeyPassword"];
  const ofHost = (host: Value): string[] =>
    typeof host === "object" && host !== null && !Array.isArray(host)
      ? Object.entries(host).flatMap(([key, value]) => (keys.includes(key) ? texts(value) : key === "proxy" ? ofHost(value) : []))
      : [];
  return [...secretTexts(others), ...secretTexts(previous), ...(isUnknown(connection) ? [] : ofHost(plain(connection)))];
}

function unknownOutputs(inputs: Values): Values {
  return {
    stdout: unknown,
    stderr: unknown,
    ...(hasPaths(inputs["assetPaths"]) && { assets: unknown }),
    ...(hasPaths(inputs["archivePaths"]) && { archive: unknown }),
  };
}

function hasPaths(paths: Value | undefined): boolean {
  return paths !== undefined && (isSecret(paths) || Array.isArray(paths) || isUnknown(paths));
}
