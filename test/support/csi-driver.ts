import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from "@grpc/grpc-js";
import type { BinaryWriter } from "google-protobuf";
import { asBuffer, identity, message, parts, values } from "./protobuf.ts";

// What a CSI provisioner and a snapshotter ask of a driver, and no more: https://github.com/container-storage-interface/spec/blob/v1.11.0/csi.proto

/** What a driver was asked to make. */
export interface CreateVolume {
  readonly name: string;
  readonly bytes: number;
  readonly parameters: Readonly<Record<string, string>>;
  /** Id of the snapshot whose files it has first. */
  readonly snapshot: string;
}

/** What a driver was asked to keep. */
export interface CreateSnapshot {
  readonly name: string;
  readonly volume: string;
}

export interface CsiDriver {
  readonly created: readonly CreateVolume[];
  /** Ids of the volumes that it was asked to take away. */
  readonly deleted: readonly string[];
  readonly snapshots: readonly CreateSnapshot[];
  /** Ids of the snapshots that it was asked to take away. */
  readonly forgotten: readonly string[];
  stop(): void;
}

/** Plays a driver at a socket: it makes nothing, and says that it did. */
export async function startCsiDriver(socket: string, name: string): Promise<CsiDriver> {
  const created: CreateVolume[] = [];
  const deleted: string[] = [];
  const snapshots: CreateSnapshot[] = [];
  const forgotten: string[] = [];
  const server = new Server();
  server.addService(
    {
      ...methods("csi.v1.Identity", ["GetPluginInfo", "GetPluginCapabilities", "Probe"]),
      ...methods("csi.v1.Controller", ["ControllerGetCapabilities", "CreateVolume", "DeleteVolume"]),
      ...methods("csi.v1.Controller", ["CreateSnapshot", "DeleteSnapshot"]),
    },
    {
      GetPluginInfo: answer(() =>
        message((info) => {
          info.writeString(1, name);
          info.writeString(2, "0");
        }),
      ),
      GetPluginCapabilities: answer(() => nested([1, 1], (service) => service.writeEnum(1, controllerService))),
      Probe: answer(() => nested([1], (ready) => ready.writeBool(1, true))),
      ControllerGetCapabilities: answer(() =>
        message((all) => {
          for (const type of [createDeleteVolume, createDeleteSnapshot])
            all.writeBytes(
              1,
              nested([1], (rpc) => rpc.writeEnum(1, type)),
            );
        }),
      ),
      CreateVolume: answer((request) => {
        const volume = requestOf(request);
        created.push(volume);
        return nested([1], (made) => {
          made.writeString(2, volumeId(volume.name));
          for (const [key, value] of Object.entries(volume.parameters)) made.writeBytes(3, entry(key, value));
          for (const source of parts(request, 6)) made.writeBytes(4, source);
        });
      }),
      DeleteVolume: answer((request) => {
        deleted.push(textIn(request, 1));
        return new Uint8Array();
      }),
      CreateSnapshot: answer((request) => {
        const asked = { name: textIn(request, 2), volume: textIn(request, 1) };
        snapshots.push(asked);
        return nested([1], (made) => {
          made.writeString(2, volumeId(asked.name));
          made.writeString(3, asked.volume);
          made.writeBytes(
            4,
            message((time) => time.writeInt64(1, Math.floor(Date.now() / 1000))),
          );
          made.writeBool(5, true);
        });
      }),
      DeleteSnapshot: answer((request) => {
        forgotten.push(textIn(request, 1));
        return new Uint8Array();
      }),
    },
  );
  await new Promise<void>((resolve, reject) =>
    server.bindAsync(`unix://${socket}`, ServerCredentials.createInsecure(), (error) => (error ? reject(error) : resolve())),
  );
  return { created, deleted, snapshots, forgotten, stop: () => server.forceShutdown() };
}

/** Of a volume or a snapshot that was asked for by a name. */
export const volumeId = (name: string): string => `id of ${name}`;

const controllerService = 1;
const createDeleteVolume = 1;
const createDeleteSnapshot = 5;

const methods = (service: string, names: readonly string[]) =>
  Object.fromEntries(
    names.map((name) => [
      name,
      {
        ...{ path: `/${service}/${name}`, requestStream: false, responseStream: false },
        ...{ requestSerialize: identity, requestDeserialize: identity },
        ...{ responseSerialize: asBuffer, responseDeserialize: identity },
      },
    ]),
  );

const answer =
  (work: (request: Buffer) => Uint8Array) =>
  ({ request }: ServerUnaryCall<Buffer, Uint8Array>, done: sendUnaryData<Uint8Array>): void =>
    done(null, work(request));

/** A message in a field of a message, and so on: the outermost first. */
const nested = ([field, ...rest]: readonly number[], write: (writer: BinaryWriter) => void): Uint8Array =>
  field === undefined ? message(write) : message((writer) => writer.writeBytes(field, nested(rest, write)));

/** Of a map. */
const entry = (key: string, value: string): Uint8Array =>
  message((writer) => {
    writer.writeString(1, key);
    writer.writeString(2, value);
  });

function requestOf(request: Uint8Array): CreateVolume {
  const parameters = parts(request, 4).map((one) => [textIn(one, 1), textIn(one, 2)] as const);
  const [bytes = 0] = parts(request, 2).flatMap((range) => values(range, 1, (reader) => reader.readInt64()));
  const snapshot = parts(request, 6).flatMap((source) => parts(source, 1).map((one) => textIn(one, 1)));
  return { name: textIn(request, 1), bytes, parameters: Object.fromEntries(parameters), snapshot: snapshot.join() };
}

const textIn = (bytes: Uint8Array, field: number): string => values(bytes, field, (reader) => reader.readString()).join("");
