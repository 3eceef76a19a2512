import {
  type handleUnaryCall,
  Server,
  ServerCredentials,
  type ServiceError,
  type sendUnaryData,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import pluginMessages from "@pulumi/pulumi/proto/plugin_pb.js";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import type * as messages from "@pulumi/pulumi/proto/provider_pb.js";
import providerMessages from "@pulumi/pulumi/proto/provider_pb.js";
import emptyMessages, { type Empty } from "google-protobuf/google/protobuf/empty_pb.js";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import { differences } from "./differences.ts";
import { engineLog } from "./engine-log.ts";
import { Lifetime } from "./lifetime.ts";
import type { Context, Provider, ResourceRequest } from "./provider.ts";
import { checkResponse, diffResponse, failureResponse, fromStruct, toStruct } from "./wire.ts";

/**
 * Serves a provider to the engine, on the protocol's own messages. The SDK's `@pulumi/pulumi/provider` can't answer previews,
 * provider configuration, detailed differences or timeouts, and loads the whole SDK: 70 ms and 12 MB more in every plugin process.
 */
export async function serve(provider: Provider, args: readonly string[] = process.argv.slice(2)): Promise<Lifetime> {
  const lifetime = new Lifetime();
  const engine = engineLog(args.filter((each) => !each.startsWith("-")).at(-1));
  const server = new Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
  server.addService(ResourceProviderService, service(provider, lifetime, engine));
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  lifetime.watch();
  // The engine reads the port from the first line; nothing else may be written there.
  process.stdout.write(`${port}\n`);
  return lifetime;
}

/** Calls that are left out answer UNIMPLEMENTED, which the engine understands. */
function service(provider: Provider, lifetime: Lifetime, engine: Context["engine"]): UntypedServiceImplementation {
  function unary<Q, R>(work: (request: Q, context: Context) => Promise<R>): handleUnaryCall<Q, R> {
    return (call, callback) => {
      const request = call.request;
      const timeoutSeconds = timeoutOf(request);
      lifetime
        .run(timeoutSeconds, (signal) => work(request, { signal, engine, timeoutSeconds }))
        .then(
          (response) => callback(null, response),
          (error: unknown) => callback(failureResponse(error) as ServiceError),
        );
    };
  }
  return {
    getSchema: unary(async () => {
      const response = new providerMessages.GetSchemaResponse();
      response.setSchema(JSON.stringify({ name: provider.name, version: provider.version }));
      return response;
    }),
    getPluginInfo: unary(async () => {
      const response = new pluginMessages.PluginInfo();
      response.setVersion(provider.version);
      return response;
    }),
    checkConfig: unary(async (request: messages.CheckRequest) =>
      checkResponse(await provider.checkConfig(fromStruct(request.getNews()))),
    ),
    diffConfig: unary(async (request: messages.DiffRequest) => {
      const [olds, news] = [fromStruct(request.getOldInputs() ?? request.getOlds()), fromStruct(request.getNews())];
      return diffResponse((await provider.diffConfig?.(olds, news)) ?? differences(olds, news, () => false));
    }),
    configure: unary(async (request: messages.ConfigureRequest, context) => {
      await provider.configure?.(fromStruct(request.getArgs()), context);
      const response = new providerMessages.ConfigureResponse();
      response.setAcceptsecrets(true);
      response.setSupportspreview(true);
      return response;
    }),
    check: unary(async (request: messages.CheckRequest, context) => {
      const [olds, news] = [fromStruct(request.getOlds()), fromStruct(request.getNews())];
      return checkResponse(
        await provider.check({ ...resource(request), olds, news, randomSeed: request.getRandomseed_asU8() }, context),
      );
    }),
    diff: unary(async (request: messages.DiffRequest, context) => diffResponse(await provider.diff(changeOf(request), context))),
    create: unary(async (request: messages.CreateRequest, context) => {
      const inputs = fromStruct(request.getProperties());
      const { id, properties } = await provider.create({ ...resource(request), inputs, preview: request.getPreview() }, context);
      const response = new providerMessages.CreateResponse();
      response.setId(id);
      response.setProperties(toStruct(properties));
      return response;
    }),
    read: unary(async (request: messages.ReadRequest, context) => {
      const [properties, inputs] = [fromStruct(request.getProperties()), fromStruct(request.getInputs())];
      const found = await provider.read({ ...resource(request), id: request.getId(), properties, inputs }, context);
      const response = new providerMessages.ReadResponse();
      if (!found) return response;
      response.setId(found.id);
      response.setProperties(toStruct(found.properties));
      response.setInputs(toStruct(found.inputs));
      return response;
    }),
    update: unary(async (request: messages.UpdateRequest, context) => {
      const properties = await provider.update({ ...changeOf(request), preview: request.getPreview() }, context);
      const response = new providerMessages.UpdateResponse();
      response.setProperties(toStruct(properties));
      return response;
    }),
    delete: unary(async (request: messages.DeleteRequest, context) => {
      const properties = fromStruct(request.getProperties());
      await provider.delete(
        { ...resource(request), id: request.getId(), properties, oldInputs: optional(request.getOldInputs()) },
        context,
      );
      return new emptyMessages.Empty();
    }),
    invoke: unary(async (request: messages.InvokeRequest, context) => {
      if (!provider.invoke) throw new Error(`${request.getTok()}: this plugin has no functions`);
      const response = new providerMessages.InvokeResponse();
      response.setReturn(toStruct(await provider.invoke(request.getTok(), fromStruct(request.getArgs()), context)));
      return response;
    }),
    cancel: (_call: unknown, callback: sendUnaryData<Empty>) => {
      lifetime.cancel("the run was cancelled");
      callback(null, new emptyMessages.Empty());
    },
  };
}

function timeoutOf(request: unknown): number {
  const has =
    typeof request === "object" && request !== null && "getTimeout" in request && typeof request.getTimeout === "function";
  return has ? Number((request.getTimeout as () => number).call(request)) : 0;
}

interface AboutResource {
  getUrn(): string;
  getType(): string;
  getName(): string;
}

/** Engines before 3.150 send the URN alone; `urn:pulumi:stack::project::parent$type::name`. */
function resource(request: AboutResource): ResourceRequest {
  const urn = request.getUrn();
  const parts = urn.split("::");
  const type = request.getType() || (parts[2]?.split("$").at(-1) ?? "");
  return { urn, type, name: request.getName() || parts.slice(3).join("::") };
}

function changeOf(request: messages.DiffRequest | messages.UpdateRequest) {
  const [olds, oldInputs, news] = [
    fromStruct(request.getOlds()),
    optional(request.getOldInputs()),
    fromStruct(request.getNews()),
  ];
  return { ...resource(request), id: request.getId(), olds, oldInputs, news };
}

function optional(struct: Struct | undefined) {
  return struct && fromStruct(struct);
}
