import type { ChannelCredentials, Client, ServiceDefinition } from "@grpc/grpc-js";
import { requireFromSdk } from "../shared/proto.ts";
import type { LogClient } from "./engine.ts";

export { empty, grpc, plugin } from "../shared/proto.ts";

export const provider = requireFromSdk(
  "./provider_pb.js",
) as typeof import("@pulumi/pulumi/proto/provider_pb.js");

export const struct = requireFromSdk(
  "google-protobuf/google/protobuf/struct_pb.js",
) as typeof import("google-protobuf/google/protobuf/struct_pb.js");

/** What the engine calls of a provider, and how it does. */
export const { ResourceProviderService, ResourceProviderClient: ProviderClient } = requireFromSdk(
  "./provider_grpc_pb.js",
) as {
  ResourceProviderService: ServiceDefinition;
  ResourceProviderClient: new (
    address: string,
    credentials: ChannelCredentials,
  ) => Calls & Pick<Client, "close">;
};

type Call = (request: unknown, reply: (error: Error | null, answer: unknown) => void) => void;

/** The calls of a provider that the tests make. */
type Calls = Readonly<Record<"configure" | "create" | "diff", Call>>;

export const engine = requireFromSdk(
  "./engine_pb.js",
) as typeof import("@pulumi/pulumi/proto/engine_pb.js");

/** How a plugin calls the engine. */
export const { EngineClient } = requireFromSdk("./engine_grpc_pb.js") as {
  EngineClient: new (address: string, credentials: ChannelCredentials) => LogClient;
};
