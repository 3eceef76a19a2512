import { Metadata, type ServiceError, status } from "@grpc/grpc-js";
import type * as messages from "@pulumi/pulumi/proto/provider_pb.js";
import providerMessages from "@pulumi/pulumi/proto/provider_pb.js";
import statusMessages from "@pulumi/pulumi/proto/status_pb.js";
import anyMessages from "google-protobuf/google/protobuf/any_pb.js";
import structMessages, { type Struct, type Value as ValueMessage } from "google-protobuf/google/protobuf/struct_pb.js";
import type { Differences } from "./differences.ts";
import { PartialFailure } from "./provider.ts";
import type { Checked } from "./shape.ts";
import type { Value, Values } from "./values.ts";

/** Between protocol messages and plain values. */
export function fromStruct(struct: Struct | undefined): Values {
  return Object.fromEntries([...(struct?.getFieldsMap().entries() ?? [])].map(([key, value]) => [key, fromValue(value)]));
}

function fromValue(value: ValueMessage): Value {
  if (value.hasStructValue()) return fromStruct(value.getStructValue());
  if (value.hasListValue()) return (value.getListValue()?.getValuesList() ?? []).map(fromValue);
  if (value.hasStringValue()) return value.getStringValue();
  if (value.hasNumberValue()) return value.getNumberValue();
  if (value.hasBoolValue()) return value.getBoolValue();
  return null;
}

export function toStruct(values: Values): Struct {
  return structMessages.Struct.fromJavaScript(values);
}

export function checkResponse({ inputs, failures }: Checked): messages.CheckResponse {
  const response = new providerMessages.CheckResponse();
  response.setInputs(toStruct(inputs));
  response.setFailuresList(
    failures.map(({ property, reason }) => {
      const failure = new providerMessages.CheckFailure();
      failure.setProperty(property);
      failure.setReason(reason);
      return failure;
    }),
  );
  return response;
}

export function diffResponse({ changed, replaces, deleteBeforeReplace }: Differences): messages.DiffResponse {
  const { DiffChanges } = providerMessages.DiffResponse;
  const { Kind } = providerMessages.PropertyDiff;
  const kinds = {
    add: [Kind.ADD, Kind.ADD_REPLACE],
    delete: [Kind.DELETE, Kind.DELETE_REPLACE],
    update: [Kind.UPDATE, Kind.UPDATE_REPLACE],
  } as const;
  const response = new providerMessages.DiffResponse();
  const paths = Object.keys(changed);
  response.setChanges(paths.length > 0 ? DiffChanges.DIFF_SOME : DiffChanges.DIFF_NONE);
  response.setDiffsList([...new Set(paths.map(topLevel))]);
  response.setReplacesList([...new Set(replaces.map(topLevel))]);
  response.setDeletebeforereplace(deleteBeforeReplace ?? false);
  response.setHasdetaileddiff(true);
  for (const [path, kind] of Object.entries(changed)) {
    const detail = new providerMessages.PropertyDiff();
    detail.setKind(kinds[kind][replaces.includes(path) ? 1 : 0]);
    detail.setInputdiff(true);
    response.getDetaileddiffMap().set(path, detail);
  }
  return response;
}

function topLevel(path: string): string {
  return path.split(/[.[]/, 1)[0] ?? path;
}

/** The error as the engine expects it: its message, and for a partial failure what it needs to keep the resource. */
export function failureResponse(error: unknown): Partial<ServiceError> {
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof PartialFailure)) return { code: status.UNKNOWN, details: message };
  const detail = new providerMessages.ErrorResourceInitFailed();
  detail.setId(error.id);
  detail.setProperties(toStruct(error.properties));
  detail.setInputs(toStruct(error.inputs));
  detail.setReasonsList([...error.reasons]);
  const packed = new anyMessages.Any();
  packed.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const outer = new statusMessages.Status();
  outer.setCode(status.UNKNOWN);
  outer.setMessage(message);
  outer.addDetails(packed);
  const metadata = new Metadata();
  metadata.add("grpc-status-details-bin", Buffer.from(outer.serializeBinary()));
  return { code: status.UNKNOWN, details: message, metadata };
}
