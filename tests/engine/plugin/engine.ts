import type { Client, ServiceError } from "@grpc/grpc-js";
import type { LogRequest } from "@pulumi/pulumi/proto/engine_pb.js";
import { EngineClient, grpc, engine as proto } from "./proto.ts";

/** The engine, as far as a provider speaks to it. */
export interface Engine {
  /** Shows a warning at a resource. */
  warn(urn: string, text: string): Promise<void>;
}

/** The engine at an address, which a plugin is started with. @param ended when the plugin does. */
export function connectEngine(address: string, ended: AbortSignal): Engine {
  const client = new EngineClient(address, grpc.credentials.createInsecure());
  ended.addEventListener("abort", () => client.close());
  return {
    warn: (urn, text) =>
      new Promise((resolve) => {
        const request = new proto.LogRequest()
          .setSeverity(proto.LogSeverity.WARNING)
          .setUrn(urn)
          .setMessage(text);
        // An engine that is gone hears nothing.
        client.log(request, () => resolve());
      }),
  };
}

/** The engine's own service, of which the SDK ships no types. */
export interface LogClient extends Client {
  log(request: LogRequest, reply: (error: ServiceError | null) => void): void;
}
