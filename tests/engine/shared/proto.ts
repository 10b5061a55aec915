import { createRequire } from "node:module";

/**
 * Pulumi's own gRPC and messages, which its Node.js SDK ships. Loaded as the SDK itself loads them:
 * a message made with another copy of `google-protobuf` is not one of its own.
 */
export const requireFromSdk = createRequire(
  import.meta.resolve("@pulumi/pulumi/proto/plugin_pb.js"),
);

export const grpc = requireFromSdk("@grpc/grpc-js") as typeof import("@grpc/grpc-js");

export const plugin = requireFromSdk(
  "./plugin_pb.js",
) as typeof import("@pulumi/pulumi/proto/plugin_pb.js");

export const empty = requireFromSdk(
  "google-protobuf/google/protobuf/empty_pb.js",
) as typeof import("google-protobuf/google/protobuf/empty_pb.js");
