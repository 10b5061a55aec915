import type { ServiceDefinition } from "@grpc/grpc-js";
import { requireFromSdk } from "../shared/proto.ts";

export { empty, grpc, plugin } from "../shared/proto.ts";

export const language = requireFromSdk(
  "./language_pb.js",
) as typeof import("@pulumi/pulumi/proto/language_pb.js");

/** What the engine calls of a language. The SDK ships no types for it. */
export const { LanguageRuntimeService } = requireFromSdk("./language_grpc_pb.js") as {
  LanguageRuntimeService: ServiceDefinition;
};
