// A provider plugin between the engine and the real one: `stand-in.ts <real plugin> <the engine's arguments>`. The real one checks and compares, and
// says what a preview knows of a new resource; nothing is ever made, and what only its making would tell has a made-up value.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { credentials, Server, ServerCredentials, type ServiceError, type UntypedServiceImplementation } from "@grpc/grpc-js";
import { ResourceProviderClient, ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import type * as messages from "@pulumi/pulumi/proto/provider_pb.js";
import providerMessages from "@pulumi/pulumi/proto/provider_pb.js";
import emptyMessages from "google-protobuf/google/protobuf/empty_pb.js";
import { Lifetime } from "../toolchain/plugins/provider/lifetime.ts";
import {
  containsUnknown,
  isObject,
  isUnknown,
  mapValues,
  unknown,
  type Value,
  type Values,
} from "../toolchain/plugins/provider/values.ts";
import { fromStruct, toStruct } from "../toolchain/plugins/provider/wire.ts";
import { madeUp } from "./made-up.ts";

const limits = { "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 };
const [real = "", ...args] = process.argv.slice(2);

const plugin = spawn(real, args, { stdio: ["pipe", "pipe", "inherit"] });
plugin.once("close", () => process.exit(1));
process.once("exit", () => plugin.kill());
new Lifetime().watch();
const [port] = (await once(createInterface({ input: plugin.stdout }), "line")) as [string];
const client = new ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure(), limits);

let schema: Promise<Schema> | undefined;

type Answer = (error: Partial<ServiceError> | null, response?: unknown) => void;
type Method = (request: unknown, answer: Answer) => void;

const forward = (name: string): Method => {
  const method = (client as unknown as Record<string, Method>)[name] as Method;
  return (request, answer) => method.call(client, request, answer);
};

const own: Readonly<Record<string, Method>> = {
  configure: (request, answer) => {
    const message = request as messages.ConfigureRequest;
    message.setArgs(toStruct(withoutCluster(fromStruct(message.getArgs()))));
    forward("configure")(request, answer);
  },
  create: (message, answer) => {
    const request = message as messages.CreateRequest;
    request.setPreview(true);
    forward("create")(request, (error, response) => {
      if (error) return answer(error);
      const created = response as messages.CreateResponse;
      created.setId(created.getId() || `${madeUp}: ${request.getName()}`);
      filled(request.getType(), fromStruct(created.getProperties())).then(
        (properties) => {
          created.setProperties(toStruct(properties));
          answer(null, created);
        },
        (reason: Error) => answer({ message: reason.message }),
      );
    });
  },
  read: (_request, answer) => answer({ message: "nothing is read in a review" }),
  invoke: (_request, answer) => answer({ message: "nothing is asked in a review" }),
  update: (message, answer) => {
    const response = new providerMessages.UpdateResponse();
    response.setProperties((message as messages.UpdateRequest).getNews());
    answer(null, response);
  },
  delete: (_request, answer) => answer(null, new emptyMessages.Empty()),
};

/** A cluster that nobody knows yet is not asked. */
const withoutCluster = (config: Values): Values =>
  config["kubeconfig"] === undefined ? config : { ...config, kubeconfig: unknown };

interface Schema {
  readonly resources?: Readonly<Record<string, { readonly properties?: Readonly<Record<string, { readonly type?: string }>> }>>;
}

/** The shapes of what a real plugin's resources have; a portable one tells of none. */
async function readSchema(): Promise<Schema> {
  const request = new providerMessages.GetSchemaRequest();
  const response = await promisify(forward("getSchema"))(request);
  return JSON.parse((response as messages.GetSchemaResponse).getSchema()) as Schema;
}

const empty: Readonly<Record<string, Value>> = { array: [], boolean: false, integer: 0, number: 0, object: {} };

/** With something for each value that a preview doesn't know: empty where it is no text, and nothing where it is of a kind of its own. */
async function filled(type: string, properties: Values): Promise<Values> {
  if (!containsUnknown(properties)) return properties;
  schema ??= readSchema();
  const shapes = (await schema).resources?.[type]?.properties ?? {};
  const isOwnKind = (name: string): boolean => shapes[name] !== undefined && shapes[name].type === undefined;
  const known = Object.entries(properties).filter(([name, value]) => !(isUnknown(value) && isOwnKind(name)));
  const filling = (name: string): Value => empty[shapes[name]?.type ?? ""] ?? `${madeUp}: ${type} ${name}`;
  return mapValues(Object.fromEntries(known), (value, name) => fill(value, filling(name)));
}

function fill(value: Value, filling: Value): Value {
  if (isUnknown(value)) return filling;
  if (Array.isArray(value)) return value.map((each) => fill(each, filling));
  return isObject(value) ? mapValues(value, (each) => fill(each, filling)) : value;
}

const server = new Server(limits);
const service = Object.keys(ResourceProviderService).map((name) => {
  const method = own[name] ?? forward(name);
  return [name, (call: { request: unknown }, answer: Answer) => method(call.request, answer)];
});
server.addService(ResourceProviderService, Object.fromEntries(service) as UntypedServiceImplementation);
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) => {
  if (error) throw error;
  process.stdout.write(`${bound}\n`);
});
