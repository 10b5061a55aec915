import { createRequire } from "node:module";
import type { ServiceDefinition } from "@grpc/grpc-js";

/**
 * Pulumi's own gRPC and messages, which its Node.js SDK ships. Loaded as the SDK itself loads them:
 * a message made with another copy of `google-protobuf` is not one of its own.
 */
const requireFromSdk = createRequire(import.meta.resolve("@pulumi/pulumi/proto/language_pb.js"));

export const grpc = requireFromSdk("@grpc/grpc-js") as typeof import("@grpc/grpc-js");

export const language = requireFromSdk(
  "./language_pb.js",
) as typeof import("@pulumi/pulumi/proto/language_pb.js");

export const plugin = requireFromSdk(
  "./plugin_pb.js",
) as typeof import("@pulumi/pulumi/proto/plugin_pb.js");

export const empty = requireFromSdk(
  "google-protobuf/google/protobuf/empty_pb.js",
) as typeof import("google-protobuf/google/protobuf/empty_pb.js");

/** What the engine calls of a language. The SDK ships no types for it. */
export const { LanguageRuntimeService } = requireFromSdk("./language_grpc_pb.js") as {
  LanguageRuntimeService: ServiceDefinition;
};
