import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { type Client, credentials, type ServiceError } from "@grpc/grpc-js";
import services from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import structMessages from "google-protobuf/google/protobuf/struct_pb.js";

export type Plain = string | number | boolean | null | Plain[] | { [key: string]: Plain };
export type Properties = { [key: string]: Plain };

export interface Difference {
  readonly changed: boolean;
  readonly replaces: readonly string[];
  readonly changes: readonly string[];
}

/** A plugin's process, asked without an engine: what it makes of one change of one property, and nothing is done. */
export class ProviderProcess {
  private readonly process: ChildProcess;
  private readonly client: InstanceType<typeof services.ResourceProviderClient>;

  private constructor(process: ChildProcess, port: string) {
    this.process = process;
    this.client = new services.ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure());
  }

  static async start(file: string, config: Readonly<Record<string, string>>): Promise<ProviderProcess> {
    // The address of an engine that is not there: only messages for people would go to it.
    const process = spawn(file, ["127.0.0.1:1"], { stdio: ["ignore", "pipe", "ignore"] });
    const [port] = (await once(createInterface({ input: process.stdout }), "line")) as [string];
    const provider = new ProviderProcess(process, port);
    const request = new messages.ConfigureRequest();
    request.setArgs(structMessages.Struct.fromJavaScript({ ...config }));
    request.setAcceptsecrets(true);
    await answer((done) => provider.client.configure(request, done));
    return provider;
  }

  async check(type: string, inputs: Properties): Promise<Properties> {
    const request = new messages.CheckRequest();
    request.setUrn(urn(type));
    request.setNews(structMessages.Struct.fromJavaScript({ ...inputs }));
    const response = await answer<InstanceType<typeof messages.CheckResponse>>((done) => this.client.check(request, done));
    const failures = response.getFailuresList().map((failure) => failure.getReason());
    if (failures.length > 0) throw new Error(failures.join("\n"));
    return (response.getInputs()?.toJavaScript() ?? {}) as Properties;
  }

  /**
   * Compares a resource that has just been made from the first inputs with the second ones. `read` is what the real thing would have
   * where the first inputs say nothing.
   */
  async diff(type: string, before: Properties, after: Properties, read: Properties = {}): Promise<Difference> {
    const [olds, news] = [await this.check(type, before), await this.check(type, after)];
    const create = new messages.CreateRequest();
    create.setUrn(urn(type));
    create.setProperties(structMessages.Struct.fromJavaScript({ ...olds }));
    create.setPreview(true);
    const planned = await answer<InstanceType<typeof messages.CreateResponse>>((done) => this.client.create(create, done));
    const request = new messages.DiffRequest();
    request.setId("made-up");
    request.setUrn(urn(type));
    const state = { ...(planned.getProperties()?.toJavaScript() as Properties), id: "made-up" };
    request.setOlds(structMessages.Struct.fromJavaScript({ ...read, ...withoutUnknowns(state) }));
    request.setOldInputs(structMessages.Struct.fromJavaScript({ ...olds }));
    request.setNews(structMessages.Struct.fromJavaScript({ ...news }));
    const response = await answer<InstanceType<typeof messages.DiffResponse>>((done) => this.client.diff(request, done));
    return {
      changed: response.getChanges() === messages.DiffResponse.DiffChanges.DIFF_SOME,
      replaces: response.getReplacesList(),
      changes: response.getDiffsList(),
    };
  }

  async stop(): Promise<void> {
    (this.client as Client).close();
    if (this.process.exitCode !== null) return;
    const ended = once(this.process, "exit");
    this.process.kill("SIGKILL");
    await ended;
  }
}

const urn = (type: string): string => `urn:pulumi:trial::trial::${type}::trial`;

async function answer<T>(call: (done: (error: ServiceError | null, response: T) => void) => void): Promise<T> {
  return await new Promise((resolve, reject) => call((error, response) => (error ? reject(error) : resolve(response))));
}

/** Values that only a real resource would have. */
function withoutUnknowns(values: Properties): Properties {
  const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== unknown));
}
