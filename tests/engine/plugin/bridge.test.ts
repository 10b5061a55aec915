import { expect, test } from "vitest";
import { LoopbackApi, succeed } from "../../traffic/loopback-api.ts";
import { others, tokens } from "../../traffic/recorded-stack.ts";
import { token as apiToken, configureProvider } from "./configure.ts";
import { grpc, ProviderClient, provider as proto, struct } from "./proto.ts";
import { serve } from "./serve.ts";
import { isValues, type Values } from "./values.ts";

/** What the engine and the stand-in tell each other, by the protocol. */
async function connect(api: LoopbackApi) {
  const warned: string[] = [];
  const engine = { warn: async (_urn: string, text: string) => void warned.push(text) };
  const end = new AbortController();
  const options = { environment: {}, ended: end.signal };
  const port = await serve(configureProvider(api), engine, options);
  const client = new ProviderClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  const ask = <Answer>(
    method: "configure" | "create" | "diff",
    request: unknown,
  ): Promise<Answer> =>
    new Promise((resolve, reject) => {
      client[method](request, (error, answer) =>
        error === null ? resolve(answer as Answer) : reject(error),
      );
    });
  return {
    ask,
    warned,
    [Symbol.dispose]: () => {
      client.close();
      end.abort();
    },
  };
}

const urn = (token: string) => `urn:pulumi:dev::example::${token}::it`;
const toStruct = (values: Values) => struct.Struct.fromJavaScript(values);

test("the engine is told to mark secrets itself, each property as a whole", async () => {
  await using api = await LoopbackApi.start(() => succeed(null));
  using plugin = await connect(api);
  const request = new proto.ConfigureRequest().setArgs(
    toStruct({ baseUrl: api.baseUrl, apiToken }),
  );
  const answer = await plugin.ask<InstanceType<typeof proto.ConfigureResponse>>(
    "configure",
    request,
  );
  expect(answer.getAcceptsecrets()).toBe(false);
});

test("outputs have the schema's version, and how to get back to what is not there; a later version's state is refused", async () => {
  await using api = await LoopbackApi.start(() => succeed({ id: "n", title: "a" }));
  using plugin = await connect(api);
  const made = await plugin.ask<InstanceType<typeof proto.CreateResponse>>(
    "create",
    new proto.CreateRequest()
      .setUrn(urn(tokens.namespace))
      .setProperties(toStruct(others.namespace)),
  );
  const state = made.getProperties()?.toJavaScript() as Values;
  expect(state.__meta).toBe('{"schema_version":"500"}');
  expect(state.__pulumi_raw_state_delta).toMatchObject({
    obj: { ps: { jurisdiction: { value: { replace: { raw: null } } } } },
  });
  const later = { ...state, __meta: '{"schema_version":"501"}' };
  const diff = new proto.DiffRequest()
    .setUrn(urn(tokens.namespace))
    .setOlds(toStruct(later))
    .setNews(toStruct(others.namespace));
  await expect(plugin.ask("diff", diff)).rejects.toThrow(/newer provider version/);
});

test("an update names what Cloudflare computes anew among its changes, and no details; no change names nothing", async () => {
  await using api = await LoopbackApi.start(() => succeed(null));
  using plugin = await connect(api);
  const inputs = {
    accountId: "a",
    scriptName: "s",
    bindings: [],
    compatibilityDate: "2026-07-30",
    compatibilityFlags: ["nodejs_als"],
    contentSha256: "a",
  };
  const compare = async (news: Values) => {
    const request = new proto.DiffRequest()
      .setUrn(urn(tokens.script))
      .setOlds(toStruct({ ...inputs, logpush: false, usageModel: "standard" }))
      .setNews(toStruct(news));
    const answer = await plugin.ask<InstanceType<typeof proto.DiffResponse>>("diff", request);
    return { names: answer.getDiffsList(), isDetailed: answer.getHasdetaileddiff() };
  };
  expect(await compare(inputs)).toEqual({ names: [], isDetailed: false });
  const { names, isDetailed } = await compare({ ...inputs, contentSha256: "b" });
  expect(isDetailed).toBe(false);
  // As the events of a code change have it: tests/traffic/real-state.
  expect(names).toEqual([
    "annotations",
    "bindings",
    "contentSha256",
    "etag",
    "handlers",
    "hasAssets",
    "hasModules",
    "lastDeployedFrom",
    "migrationTag",
    "modifiedOn",
    "namedHandlers",
    "placement",
    "placementMode",
    "placementStatus",
    "startupTimeMs",
    "tailConsumers",
  ]);
});

test("a cron trigger is made with the real provider's warning", async () => {
  await using api = await LoopbackApi.start(({ body }) => succeed({ schedules: JSON.parse(body) }));
  using plugin = await connect(api);
  const request = new proto.CreateRequest()
    .setUrn(urn(tokens.cron))
    .setProperties(toStruct(others.cron));
  const made = await plugin.ask<InstanceType<typeof proto.CreateResponse>>("create", request);
  expect(plugin.warned).toEqual([expect.stringContaining("cannot be destroyed from Terraform")]);
  const state = made.getProperties()?.toJavaScript() as Values;
  expect(isValues(state.__pulumi_raw_state_delta)).toBe(true);
});
