import { BinaryReader, BinaryWriter } from "google-protobuf";

// Messages of gRPC services, field by field: of each a test needs a few.

export const identity = (bytes: Buffer): Buffer => bytes;
export const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes);

export function message(write: (writer: BinaryWriter) => void): Uint8Array {
  const writer = new BinaryWriter();
  write(writer);
  return writer.getResultBuffer();
}

/** What a message has under a field's number. */
export function values<T>(bytes: Uint8Array, field: number, take: (reader: BinaryReader) => T): T[] {
  const reader = new BinaryReader(bytes);
  const found: T[] = [];
  while (reader.nextField()) {
    if (reader.getFieldNumber() === field) found.push(take(reader));
    else reader.skipField();
  }
  return found;
}

export const parts = (bytes: Uint8Array, field: number): Uint8Array[] => values(bytes, field, (reader) => reader.readBytes());
