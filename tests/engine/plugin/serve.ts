import { createRequire } from "node:module";
import type { sendUnaryData, UntypedServiceImplementation } from "@grpc/grpc-js";
import type * as messages from "@pulumi/pulumi/proto/provider_pb.js";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import type { CheckFailure } from "./config.ts";
import type { Difference } from "./diff.ts";
import type { Engine } from "./engine.ts";
import {
  empty,
  grpc,
  plugin,
  provider as proto,
  ResourceProviderService,
  struct,
} from "./proto.ts";
import type { Provider } from "./provider.ts";
import { addRawState, dropRawState } from "./raw-state.ts";
import { isValues, type Value, type Values } from "./values.ts";
import { listWarnings, type Operation } from "./warnings.ts";

/** Version that the engine is told: that of the SDK whose resources the stand-in knows. */
const { version } = createRequire(import.meta.url)("@pulumi/cloudflare/package.json") as {
  version: string;
};

/** What a plugin is started with, and for how long. */
export interface ServeOptions {
  readonly environment: NodeJS.ProcessEnv;
  /** When the plugin ends, and with it every call. */
  readonly ended: AbortSignal;
}

/**
 * Speaks Pulumi's provider protocol.
 *
 * Not by `main` of `@pulumi/pulumi/provider`, which in 3.270 answers Configure itself and so loses
 * `apiToken` and `baseUrl`, throws at the Read of an import, which has no properties, and has neither
 * previews nor detailed differences.
 * @param engine hears what the provider warns of.
 * @returns the port on loopback.
 */
export async function serve(
  provider: Provider,
  engine: Engine,
  { environment, ended }: ServeOptions,
): Promise<number> {
  // As Pulumi's own: the code of a Worker that is imported is in a message.
  const largest = 400 * 1024 * 1024;
  const server = new grpc.Server({ "grpc.max_receive_message_length": largest });
  server.addService(ResourceProviderService, createService(provider, engine, environment));
  ended.addEventListener("abort", () => server.forceShutdown());
  return new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) =>
      error === null ? resolve(port) : reject(error),
    );
  });
}

/** What the engine calls; of everything else gRPC says that it is not implemented. */
function createService(
  provider: Provider,
  engine: Engine,
  environment: NodeJS.ProcessEnv,
): UntypedServiceImplementation {
  const warn = (request: { getUrn(): string }, operation: Operation) =>
    Promise.all(
      listWarnings(toToken(request), operation).map((text) => engine.warn(request.getUrn(), text)),
    );
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
      provider.configure(toValues(request.getArgs()), environment);
      // As the bridge of the real one: the engine takes every mark off before it asks, and marks in what
      // comes back each property as a whole that had a secret anywhere in it.
      return new proto.ConfigureResponse().setAcceptsecrets(false).setSupportspreview(true);
    }),

    check: answer((request: messages.CheckRequest) => {
      const failures = provider.check(toToken(request), toValues(request.getNews()));
      return toCheckResponse(request, failures);
    }),
    diff: answer((request: messages.DiffRequest) => {
      const state = toState(request.getOlds());
      const [token, inputs] = [toToken(request), toValues(request.getNews())];
      const differences = provider.diff(token, state, inputs);
      return toDiffResponse(differences, provider.listComputed(token, inputs));
    }),

    create: answer(async (request: messages.CreateRequest) => {
      const response = new proto.CreateResponse();
      const inputs = toValues(request.getProperties());
      await warn(request, "create");
      if (request.getPreview()) {
        return response.setProperties(toStruct(provider.plan(toToken(request), inputs)));
      }
      const { id, state } = await provider.create(toToken(request), inputs);
      return response.setId(id).setProperties(toStruct(addRawState(toToken(request), state)));
    }),
    read: answer(async (request: messages.ReadRequest) => {
      const found = await provider.read(toToken(request), {
        id: request.getId(),
        state: toState(request.getProperties()),
        inputs: toValues(request.getInputs()),
      });
      const response = new proto.ReadResponse();
      // No id says that it is gone.
      if (found === undefined) return response;
      return response
        .setId(found.id)
        .setProperties(toStruct(addRawState(toToken(request), found.state)))
        .setInputs(toStruct(found.inputs));
    }),
    update: answer(async (request: messages.UpdateRequest) => {
      const response = new proto.UpdateResponse();
      const inputs = toValues(request.getNews());
      const known = {
        id: request.getId(),
        state: toState(request.getOlds()),
        inputs: toValues(request.getOldInputs()),
      };
      const token = toToken(request);
      const state = request.getPreview()
        ? provider.plan(token, inputs, known.state)
        : addRawState(token, await provider.update(token, known, inputs));
      return response.setProperties(toStruct(state));
    }),
    delete: answer(async (request: messages.DeleteRequest) => {
      const state = toState(request.getProperties());
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

/** No details: the engine is told names alone, among them those of what an update computes anew. */
function toDiffResponse(
  differences: readonly Difference[],
  computed: readonly string[],
): messages.DiffResponse {
  const { DIFF_NONE, DIFF_SOME } = proto.DiffResponse.DiffChanges;
  const isSame = differences.length === 0;
  const changed = differences.map(({ property }) => property);
  return new proto.DiffResponse()
    .setChanges(isSame ? DIFF_NONE : DIFF_SOME)
    .setDiffsList(isSame ? [] : [...new Set([...changed, ...computed])].sort())
    .setReplacesList(differences.filter(({ replaces }) => replaces).map((each) => each.property));
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

/** What a state says, without what the bridge keeps in it for itself. */
function toState(properties: Struct | undefined): Values {
  return dropRawState(toValues(properties));
}

function toStruct(values: Values): Struct {
  return struct.Struct.fromJavaScript(values);
}
