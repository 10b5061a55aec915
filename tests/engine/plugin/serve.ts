import { createRequire } from "node:module";
import type { sendUnaryData, UntypedServiceImplementation } from "@grpc/grpc-js";
import type * as messages from "@pulumi/pulumi/proto/provider_pb.js";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import type { CheckFailure } from "./config.ts";
import type { Difference } from "./diff.ts";
import {
  empty,
  grpc,
  plugin,
  provider as proto,
  ResourceProviderService,
  struct,
} from "./proto.ts";
import type { Provider } from "./provider.ts";
import { isValues, type Value, type Values } from "./values.ts";

/** Version that the engine is told: that of the SDK whose resources the stand-in knows. */
const { version } = createRequire(import.meta.url)("@pulumi/cloudflare/package.json") as {
  version: string;
};

/**
 * Speaks Pulumi's provider protocol.
 *
 * Not by `main` of `@pulumi/pulumi/provider`, which in 3.270 answers Configure itself and so loses
 * `apiToken` and `baseUrl`, throws at the Read of an import, which has no properties, and has neither
 * previews nor detailed differences.
 * @returns the port on loopback.
 */
export async function serve(provider: Provider): Promise<number> {
  // As Pulumi's own: the code of a Worker that is imported is in a message.
  const largest = 400 * 1024 * 1024;
  const server = new grpc.Server({ "grpc.max_receive_message_length": largest });
  server.addService(ResourceProviderService, createService(provider));
  return new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) =>
      error === null ? resolve(port) : reject(error),
    );
  });
}

/** What the engine calls; of everything else gRPC says that it is not implemented. */
function createService(provider: Provider): UntypedServiceImplementation {
  return {
    getPluginInfo: answer(() => new plugin.PluginInfo().setVersion(version)),
    attach: answer(() => new empty.Empty()),
    cancel: answer(() => new empty.Empty()),
    getSchema: answer(() =>
      new proto.GetSchemaResponse().setSchema(JSON.stringify({ name: "cloudflare", version })),
    ),

    checkConfig: answer((request: messages.CheckRequest) => {
      const failures = provider.checkConfig(toValues(request.getNews()));
      return toCheckResponse(request, failures);
    }),
    diffConfig: answer((request: messages.DiffRequest) => {
      const { DIFF_NONE, DIFF_SOME } = proto.DiffResponse.DiffChanges;
      const [before, after] = [request.getOlds(), request.getNews()].map((properties) =>
        JSON.stringify(toValues(properties)),
      );
      return new proto.DiffResponse().setChanges(before === after ? DIFF_NONE : DIFF_SOME);
    }),
    configure: answer((request: messages.ConfigureRequest) => {
      provider.configure(toValues(request.getArgs()), process.env);
      return new proto.ConfigureResponse().setAcceptsecrets(true).setSupportspreview(true);
    }),

    check: answer((request: messages.CheckRequest) => {
      const failures = provider.check(toToken(request), toValues(request.getNews()));
      return toCheckResponse(request, failures);
    }),
    diff: answer((request: messages.DiffRequest) => {
      const state = toValues(request.getOlds());
      return toDiffResponse(provider.diff(toToken(request), state, toValues(request.getNews())));
    }),

    create: answer(async (request: messages.CreateRequest) => {
      const response = new proto.CreateResponse();
      const inputs = toValues(request.getProperties());
      if (request.getPreview()) {
        return response.setProperties(toStruct(provider.plan(toToken(request), inputs)));
      }
      const { id, state } = await provider.create(toToken(request), inputs);
      return response.setId(id).setProperties(toStruct(state));
    }),
    read: answer(async (request: messages.ReadRequest) => {
      const found = await provider.read(toToken(request), {
        id: request.getId(),
        state: toValues(request.getProperties()),
        inputs: toValues(request.getInputs()),
      });
      const response = new proto.ReadResponse();
      // No id says that it is gone.
      if (found === undefined) return response;
      return response
        .setId(found.id)
        .setProperties(toStruct(found.state))
        .setInputs(toStruct(found.inputs));
    }),
    update: answer(async (request: messages.UpdateRequest) => {
      const response = new proto.UpdateResponse();
      const inputs = toValues(request.getNews());
      const known = {
        id: request.getId(),
        state: toValues(request.getOlds()),
        inputs: toValues(request.getOldInputs()),
      };
      const state = request.getPreview()
        ? provider.plan(toToken(request), inputs, known.state)
        : await provider.update(toToken(request), known, inputs);
      return response.setProperties(toStruct(state));
    }),
    delete: answer(async (request: messages.DeleteRequest) => {
      const state = toValues(request.getProperties());
      await provider.delete(toToken(request), { id: request.getId(), state });
      return new empty.Empty();
    }),

    invoke: answer(async (request: messages.InvokeRequest) => {
      const found = await provider.lookUp(request.getTok(), toValues(request.getArgs()));
      return new proto.InvokeResponse().setReturn(toStruct(found));
    }),
  };
}

/** A call with one question and one answer. The engine shows the message of what is thrown. */
function answer<Request, Response>(ask: (request: Request) => Response | Promise<Response>) {
  return ({ request }: { readonly request: Request }, reply: sendUnaryData<Response>): void => {
    const run = async () => ask(request);
    run().then(
      (response) => reply(null, response),
      (error: unknown) => {
        const details = error instanceof Error ? error.message : String(error);
        reply({ code: grpc.status.UNKNOWN, details });
      },
    );
  };
}

function toCheckResponse(
  request: messages.CheckRequest,
  failures: readonly CheckFailure[],
): messages.CheckResponse {
  return new proto.CheckResponse()
    .setInputs(request.getNews())
    .setFailuresList(
      failures.map(({ property, reason }) =>
        new proto.CheckFailure().setProperty(property).setReason(reason),
      ),
    );
}

function toDiffResponse(differences: readonly Difference[]): messages.DiffResponse {
  const { DIFF_NONE, DIFF_SOME } = proto.DiffResponse.DiffChanges;
  const { Kind } = proto.PropertyDiff;
  const kinds = {
    add: [Kind.ADD, Kind.ADD_REPLACE],
    delete: [Kind.DELETE, Kind.DELETE_REPLACE],
    update: [Kind.UPDATE, Kind.UPDATE_REPLACE],
  } as const;
  const response = new proto.DiffResponse()
    .setChanges(differences.length === 0 ? DIFF_NONE : DIFF_SOME)
    .setDiffsList(differences.map(({ property }) => property))
    .setReplacesList(differences.filter(({ replaces }) => replaces).map((each) => each.property))
    .setHasdetaileddiff(true);
  for (const { property, kind, replaces } of differences) {
    const difference = new proto.PropertyDiff().setKind(kinds[kind][replaces ? 1 : 0]);
    response.getDetaileddiffMap().set(property, difference);
  }
  return response;
}

/** The type of a resource, `a:b/c:D`, out of its URN, which may name its parents' types before it. */
function toToken(request: { getUrn(): string }): string {
  return request.getUrn().split("::")[2]?.split("$").at(-1) ?? "";
}

/** Properties of a message; an import sends none at all. */
function toValues(properties: Struct | undefined): Values {
  const values = (properties?.toJavaScript() ?? {}) as Value;
  return isValues(values) ? values : {};
}

function toStruct(values: Values): Struct {
  return struct.Struct.fromJavaScript(values);
}
