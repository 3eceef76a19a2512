import { credentials } from "@grpc/grpc-js";
import type { EngineLog, Severity } from "./provider.ts";

const severities: Readonly<Record<Severity, 0 | 1 | 2 | 3>> = { debug: 0, info: 1, warning: 2, error: 3 };

/** Sends messages to the engine at `address`. A message that can't be sent is dropped: the engine is gone then. */
export function engineLog(address: string | undefined): EngineLog {
  if (!address) return { log: async () => {} };
  let client: ReturnType<typeof connect> | undefined;
  return {
    async log(severity, message, { urn = "", ephemeral = false } = {}) {
      client ??= connect(address);
      const { engine, LogRequest } = await client;
      const request = new LogRequest();
      request.setSeverity(severities[severity]);
      request.setMessage(message);
      request.setUrn(urn);
      request.setEphemeral(ephemeral);
      await new Promise<void>((resolve) => engine.log(request, () => resolve()));
    },
  };
}

/** Loaded with the first message: most runs of a plugin have none. */
async function connect(address: string) {
  const { EngineClient } = await import("@pulumi/pulumi/proto/engine_grpc_pb.js");
  const { default: messages } = await import("@pulumi/pulumi/proto/engine_pb.js");
  return { engine: new EngineClient(address, credentials.createInsecure()), LogRequest: messages.LogRequest };
}
