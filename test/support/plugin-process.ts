import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { credentials, Server, ServerCredentials, type ServiceError } from "@grpc/grpc-js";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import type { LogRequest } from "@pulumi/pulumi/proto/engine_pb.js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import emptyMessages from "google-protobuf/google/protobuf/empty_pb.js";
import type { Values } from "../../scripts/toolchain/plugins/provider/values.ts";
import { fromStruct, toStruct } from "../../scripts/toolchain/plugins/provider/wire.ts";

export interface LogEntry {
  readonly severity: number;
  readonly message: string;
  readonly urn: string;
  readonly ephemeral: boolean;
}

export interface DiffAnswer {
  readonly changes: boolean;
  readonly replaces: string[];
  readonly detailed: Record<string, number>;
}

/** A plugin as its own process, spoken to as the engine does, with an engine that only collects what is logged. */
export interface PluginProcess {
  readonly pid: number;
  readonly logs: readonly LogEntry[];
  version(): Promise<string>;
  configure(config?: Values): Promise<{ secrets: boolean; preview: boolean }>;
  checkConfig(news: Values): Promise<{ inputs: Values; failures: { property: string; reason: string }[] }>;
  check(type: string, news: Values): Promise<{ inputs: Values; failures: { property: string; reason: string }[] }>;
  diff(type: string, olds: Values, news: Values): Promise<DiffAnswer>;
  create(
    type: string,
    inputs: Values,
    options?: { preview?: boolean; timeoutSeconds?: number },
  ): Promise<{ id: string; properties: Values }>;
  read(
    type: string,
    id: string,
    properties: Values,
    inputs?: Values,
  ): Promise<{ id: string; properties: Values; inputs: Values }>;
  update(type: string, olds: Values, news: Values, options?: { preview?: boolean }): Promise<Values>;
  delete(type: string, properties: Values): Promise<void>;
  invoke(token: string, args: Values): Promise<Values>;
  cancel(): Promise<void>;
  /** Everything that the plugin wrote to its standard error. */
  stderr(): string;
  /** Resolves with the exit code. */
  exited(): Promise<number | null>;
  signal(signal: NodeJS.Signals): void;
  stop(): Promise<void>;
}

const urnOf = (type: string) => `urn:pulumi:test::tandem::${type}::subject`;

/** `main`: a TypeScript plugin's first file, or an executable. */
export async function startPlugin(main: string, env: Record<string, string> = {}): Promise<PluginProcess> {
  const logs: LogEntry[] = [];
  const engine = new Server({ "grpc.max_receive_message_length": -1 });
  engine.addService(EngineService, {
    log: ({ request }: { request: LogRequest }, done: (error: null, answer: unknown) => void) => {
      logs.push({
        severity: request.getSeverity(),
        message: request.getMessage(),
        urn: request.getUrn(),
        ephemeral: request.getEphemeral(),
      });
      done(null, new emptyMessages.Empty());
    },
  });
  const enginePort = await new Promise<number>((resolve, reject) =>
    engine.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => (error ? reject(error) : resolve(port))),
  );
  const command: [string, ...string[]] = main.endsWith(".ts") ? [process.execPath, main] : [main];
  const child = spawn(command[0], [...command.slice(1), `127.0.0.1:${enginePort}`], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => {
    errors += chunk.toString("utf8");
  });
  const exit = once(child, "exit");
  const lines = createInterface({ input: child.stdout });
  const line = await Promise.race([once(lines, "line").then(([text]) => String(text)), exit.then(() => undefined)]);
  if (line === undefined) {
    engine.forceShutdown();
    throw new Error(`the plugin ended before it gave its port:\n${errors}`);
  }
  const client = new ResourceProviderClient(`127.0.0.1:${line}`, credentials.createInsecure(), {
    "grpc.max_receive_message_length": -1,
    "grpc.max_send_message_length": -1,
  });
  const call = <T>(start: (done: (error: ServiceError | null, answer: T) => void) => unknown) =>
    new Promise<T>((resolve, reject) => start((error, answer) => (error ? reject(new Error(error.details)) : resolve(answer))));
  const checked = (answer: messages.CheckResponse) => ({
    inputs: fromStruct(answer.getInputs()),
    failures: answer.getFailuresList().map((each) => ({ property: each.getProperty(), reason: each.getReason() })),
  });
  const empty = () => new emptyMessages.Empty();
  const checkRequest = (type: string, news: Values) => {
    const request = new messages.CheckRequest();
    request.setUrn(urnOf(type));
    request.setOlds(toStruct({}));
    request.setNews(toStruct(news));
    return request;
  };
  return {
    pid: child.pid as number,
    logs,
    stderr: () => errors,
    version: async () => (await call<{ getVersion(): string }>((done) => client.getPluginInfo(empty(), done))).getVersion(),
    configure: async (config = {}) => {
      const request = new messages.ConfigureRequest();
      request.setArgs(toStruct(config));
      const answer = await call<messages.ConfigureResponse>((done) => client.configure(request, done));
      return { secrets: answer.getAcceptsecrets(), preview: answer.getSupportspreview() };
    },
    checkConfig: async (news) =>
      checked(await call((done) => client.checkConfig(checkRequest("pulumi:providers:test", news), done))),
    check: async (type, news) => checked(await call((done) => client.check(checkRequest(type, news), done))),
    diff: async (type, olds, news) => {
      const request = new messages.DiffRequest();
      request.setId("id");
      request.setUrn(urnOf(type));
      request.setOlds(toStruct(olds));
      request.setNews(toStruct(news));
      const answer = await call<messages.DiffResponse>((done) => client.diff(request, done));
      return {
        changes: answer.getChanges() === messages.DiffResponse.DiffChanges.DIFF_SOME,
        replaces: answer.getReplacesList(),
        detailed: Object.fromEntries([...answer.getDetaileddiffMap().entries()].map(([key, value]) => [key, value.getKind()])),
      };
    },
    create: async (type, inputs, { preview = false, timeoutSeconds = 0 } = {}) => {
      const request = new messages.CreateRequest();
      request.setUrn(urnOf(type));
      request.setProperties(toStruct(inputs));
      request.setPreview(preview);
      request.setTimeout(timeoutSeconds);
      const answer = await call<messages.CreateResponse>((done) => client.create(request, done));
      return { id: answer.getId(), properties: fromStruct(answer.getProperties()) };
    },
    read: async (type, id, properties, inputs = {}) => {
      const request = new messages.ReadRequest();
      request.setId(id);
      request.setUrn(urnOf(type));
      request.setProperties(toStruct(properties));
      request.setInputs(toStruct(inputs));
      const answer = await call<messages.ReadResponse>((done) => client.read(request, done));
      return { id: answer.getId(), properties: fromStruct(answer.getProperties()), inputs: fromStruct(answer.getInputs()) };
    },
    update: async (type, olds, news, { preview = false } = {}) => {
      const request = new messages.UpdateRequest();
      request.setId("id");
      request.setUrn(urnOf(type));
      request.setOlds(toStruct(olds));
      request.setNews(toStruct(news));
      request.setPreview(preview);
      return fromStruct((await call<messages.UpdateResponse>((done) => client.update(request, done))).getProperties());
    },
    delete: async (type, properties) => {
      const request = new messages.DeleteRequest();
      request.setId("id");
      request.setUrn(urnOf(type));
      request.setProperties(toStruct(properties));
      await call((done) => client.delete(request, done));
    },
    invoke: async (token, args) => {
      const request = new messages.InvokeRequest();
      request.setTok(token);
      request.setArgs(toStruct(args));
      return fromStruct((await call<messages.InvokeResponse>((done) => client.invoke(request, done))).getReturn());
    },
    cancel: async () => {
      await call((done) => client.cancel(empty(), done));
    },
    exited: async () => (await exit)[0] as number | null,
    signal: (signal) => child.kill(signal),
    stop: async () => {
      client.close();
      engine.forceShutdown();
      lines.close();
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
      await exit;
    },
  };
}
