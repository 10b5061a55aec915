import { expect, test } from "vitest";
import { LoopbackApi, refuse, type Said, succeed } from "../../traffic/loopback-api.ts";
import { others, tokens } from "../../traffic/recorded-stack.ts";
import { configureProvider, token } from "./configure.ts";
import { chooseWait, isRetryable } from "./retry.ts";

const namespace = succeed({ id: "1", title: others.namespace.title, supports_url_encoding: true });

/** An API that says one thing after the other, and then repeats the last. */
async function startApi(...sayings: Said[]): Promise<LoopbackApi> {
  let turn = 0;
  return await LoopbackApi.start(() => {
    const said = sayings[Math.min(turn, sayings.length - 1)];
    turn += 1;
    return said ?? "nothing";
  });
}

/** Makes a namespace, and tells how often the API was asked. */
async function createNamespace(api: LoopbackApi): Promise<{ id: string; tries: string[] }> {
  const { id } = await configureProvider(api).create(tokens.namespace, others.namespace);
  return { id, tries: listTries(api) };
}

function listTries({ received }: LoopbackApi): string[] {
  return received.map(({ headers }) => String(headers["x-stainless-retry-count"]));
}

test.for<[string, Said]>([
  ["408", refuse(408, 1, "slow")],
  ["409", refuse(409, 10020, "route pattern taken")],
  ["429", refuse(429, 971, "too many", { "retry-after-ms": "1" })],
  ["500", refuse(500, 1, "broken")],
  ["503", refuse(503, 1, "away")],
  ["no answer", "nothing"],
  ["an answer that breaks off", "half"],
  ["a refusal that says so", refuse(400, 1, "later", { "x-should-retry": "true" })],
])("%s is tried again, and each try says which it is", async ([, said]) => {
  await using api = await startApi(said, said, namespace);
  expect(await createNamespace(api)).toEqual({ id: "1", tries: ["0", "1", "2"] });
  expect(new Set(api.received.map(({ body }) => body)).size).toBe(1);
});

test.for<[string, Said]>([
  ["400", refuse(400, 10014, "taken")],
  ["404", refuse(404, 10013, "not found")],
  ["412", refuse(412, 10079, "Actor migration tag precondition failed")],
  ["a server error that says so", refuse(500, 1, "broken", { "x-should-retry": "false" })],
])("%s is not tried again", async ([, said]) => {
  await using api = await startApi(said, namespace);
  await expect(createNamespace(api)).rejects.toThrow();
  expect(listTries(api)).toEqual(["0"]);
});

test("after ten more tries the failure says what the API said, and shows no token", async () => {
  await using api = await startApi(refuse(500, 1234, "the disk is full"));
  const error = await createNamespace(api).catch((thrown: unknown) => String(thrown));
  expect(error).toContain("500 Internal Server Error");
  expect(error).toContain('"code":1234');
  expect(error).toContain("the disk is full");
  expect(error).not.toContain(token);
  expect(listTries(api)).toHaveLength(11);
});

test("an API that is not there is asked eleven times, and the failure says why", async () => {
  let baseUrl: string;
  {
    await using api = await startApi(namespace);
    baseUrl = api.baseUrl;
  }
  const provider = configureProvider({ baseUrl });
  const failure = provider.create(tokens.namespace, others.namespace);
  await expect(failure).rejects.toThrow(/no answer: .*ECONNREFUSED/);
});

test("the waits double from two seconds to thirty, less up to a quarter", () => {
  const waits = [0, 1, 2, 3, 4, 5, 9].map((retry) => chooseWait(retry, undefined, 0));
  expect(waits).toEqual([2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  expect(chooseWait(0, undefined, 1)).toBe(1_500);
});

test("the API may say how long to wait, up to a minute", () => {
  const choose = (headers: Record<string, string>) => chooseWait(0, new Headers(headers), 0);
  expect(choose({ "retry-after-ms": "50" })).toBe(50);
  expect(choose({ "retry-after": "7" })).toBe(7_000);
  expect(choose({ "retry-after-ms": "50", "retry-after": "7" })).toBe(50);
  const soon = choose({ "retry-after": new Date(Date.now() + 20_000).toUTCString() });
  expect(soon).toBeGreaterThan(18_000);
  expect(soon).toBeLessThanOrEqual(20_000);
  for (const beyond of ["60", "3600", "never"])
    expect(choose({ "retry-after": beyond })).toBe(2_000);
});

test("x-should-retry decides outright", () => {
  const told = (value: string) => new Headers({ "x-should-retry": value });
  expect(isRetryable(200, told("true"))).toBe(true);
  expect(isRetryable(500, told("false"))).toBe(false);
  expect(isRetryable(500, told("perhaps"))).toBe(true);
});
