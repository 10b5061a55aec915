import type { ServiceDefinition } from "@grpc/grpc-js";
import { requireFromSdk } from "../shared/proto.ts";

export { empty, grpc, plugin } from "../shared/proto.ts";

export const provider = requireFromSdk(
  "./provider_pb.js",
) as typeof import("@pulumi/pulumi/proto/provider_pb.js");

export const struct = requireFromSdk(
  "google-protobuf/google/protobuf/struct_pb.js",
) as typeof import("google-protobuf/google/protobuf/struct_pb.js");

/** What the engine calls of a provider. */
export const { ResourceProviderService } = requireFromSdk("./provider_grpc_pb.js") as {
  ResourceProviderService: ServiceDefinition;
};
