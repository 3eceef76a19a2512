import { Client, credentials } from "@grpc/grpc-js";
import type { BinaryWriter } from "google-protobuf";
import { asBuffer, identity, message, parts, values } from "./protobuf.ts";

// What an API server asks of kine, and no more: https://github.com/etcd-io/etcd/blob/v3.6.13/api/etcdserverpb/rpc.proto

export interface Listed {
  readonly revision: number;
  readonly keys: readonly string[];
}

export interface Watch {
  /** Keys of the events so far. */
  readonly keys: readonly string[];
  /** Keys of the events that came after kine had said that all up to their revision or a later one had come. */
  readonly late: readonly string[];
  /** Has kine say how far the watch is; it does when it has come to what it knows. */
  askProgress(): void;
  /** The revision up to which it has said that all had come. */
  toldUntil(): number;
  /** How often it has said so. */
  timesTold(): number;
  /** Whether kine has said that it watches. */
  hasBegun(): boolean;
  /** Whether kine has ended it, for whatever reason. */
  hasEnded(): boolean;
  /** Whether kine has ended it because it begins before what is kept. */
  isCompacted(): boolean;
  end(): void;
}

export interface EtcdClient {
  /** All keys that begin with a prefix. */
  list(prefix: string): Promise<Listed>;
  /** The revision of a key that was not there before. */
  create(key: string, value?: string): Promise<number>;
  watch(prefix: string, from: number): Watch;
  close(): void;
}

export interface EtcdCredentials {
  /** PEM. */
  readonly authorities: string;
  readonly certificate: string;
  readonly privateKey: string;
}

export function etcdClient(address: string, { authorities, certificate, privateKey }: EtcdCredentials): EtcdClient {
  const pem = [authorities, privateKey, certificate].map((text) => Buffer.from(text)) as [Buffer, Buffer, Buffer];
  // A name of its certificate: TLS has no addresses as names.
  const client = new Client(address, credentials.createSsl(...pem), { "grpc.ssl_target_name_override": "localhost" });
  const call = (method: string, request: Uint8Array): Promise<Buffer> =>
    new Promise((resolve, reject) => {
      const deadline = Date.now() + 15_000;
      client.makeUnaryRequest(`/etcdserverpb.KV/${method}`, asBuffer, identity, request, { deadline }, (error, answer) =>
        error || !answer ? reject(error ?? new Error(`${method}: no answer`)) : resolve(answer),
      );
    });
  return {
    list: async (prefix) => {
      const request = message((each) => range(each, prefix));
      const answer = await call("Range", request);
      return { revision: revisionOf(answer), keys: parts(answer, 2).map(keyOf) };
    },
    create: async (key, value = "{}") => {
      const compare = message((each) => {
        each.writeEnum(2, targetModRevision);
        each.writeString(3, key);
      });
      const put = message((each) => {
        each.writeString(1, key);
        each.writeString(2, value);
      });
      const request = message((each) => {
        each.writeBytes(1, compare);
        each.writeBytes(
          2,
          message((operation) => operation.writeBytes(2, put)),
        );
      });
      return revisionOf(await call("Txn", request));
    },
    watch: (prefix, from) => {
      const keys: string[] = [];
      const late: string[] = [];
      let toldUntil = 0;
      let timesTold = 0;
      let begun = false;
      let ended = false;
      let compacted = false;
      const stream = client.makeBidiStreamRequest("/etcdserverpb.Watch/Watch", asBuffer, identity);
      stream.on("data", (answer: Buffer) => {
        begun = true;
        ended ||= values(answer, 4, (reader) => reader.readBool()).includes(true);
        compacted ||= values(answer, 5, (reader) => reader.readInt64()).some((revision) => revision > 0);
        const pairs = parts(answer, 11).flatMap((event) => parts(event, 2));
        keys.push(...pairs.map(keyOf));
        late.push(...pairs.filter((pair) => modRevisionOf(pair) <= toldUntil).map(keyOf));
        const isProgress = pairs.length === 0 && !values(answer, 3, (reader) => reader.readBool()).includes(true);
        if (!isProgress) return;
        toldUntil = Math.max(toldUntil, revisionOf(answer));
        timesTold++;
      });
      const end = (): void => {
        ended = true;
      };
      // Its end is an error, too.
      stream.on("error", end).on("end", end);
      const create = message((each) => {
        range(each, prefix);
        each.writeInt64(3, from);
        // Says by itself, too, how far it is.
        each.writeBool(4, true);
      });
      stream.write(message((each) => each.writeBytes(1, create)));
      return {
        ...{ keys, late, hasBegun: () => begun, hasEnded: () => ended, isCompacted: () => compacted, end: () => stream.cancel() },
        askProgress: () => stream.write(message((each) => each.writeBytes(3, new Uint8Array()))),
        ...{ toldUntil: () => toldUntil, timesTold: () => timesTold },
      };
    },
    close: () => client.close(),
  };
}

const targetModRevision = 2;

/** From a prefix to the first key that does not begin with it. */
function range(writer: BinaryWriter, prefix: string): void {
  const end = prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
  writer.writeString(1, prefix);
  writer.writeString(2, end);
}

const keyOf = (pair: Uint8Array): string => values(pair, 1, (reader) => reader.readString()).join("");

const modRevisionOf = (pair: Uint8Array): number => values(pair, 3, (reader) => reader.readInt64())[0] ?? 0;

/** Of an answer's header. */
const revisionOf = (answer: Uint8Array): number =>
  parts(answer, 1).flatMap((header) => values(header, 3, (reader) => reader.readInt64()))[0] ?? 0;
