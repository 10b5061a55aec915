import { createExecutionContext, reset } from "cloudflare:test";
import { afterEach, expect, test } from "vitest";
import worker from "../../../tests/fixture/worker.ts";
import { workerEnv } from "../../../tests/support/worker/worker-env.ts";
import { workerSettings } from "../../../tests/support/worker-settings.ts";

const redirect_uris = ["http://localhost:9/cb"];

afterEach(() => reset());

/** Registers. @returns the status, with what the client reads. */
async function register(metadata: unknown): Promise<Record<string, unknown>> {
  const request = new Request(`${workerSettings.origin}/register`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: typeof metadata === "string" ? metadata : JSON.stringify(metadata),
  });
  const response = await worker.fetch(request, workerEnv, createExecutionContext());
  expect(response.headers.get("cache-control")).toBe("no-store");
  return { status: response.status, ...((await response.json()) as object) };
}

test("what a client says nothing of is as if it had left it out", async () => {
  const plain = await register({ redirect_uris });
  expect(plain).toMatchObject({
    status: 201,
    grant_types: ["authorization_code"],
    response_types: ["code"],
    token_endpoint_auth_method: "client_secret_basic",
  });
  const given = (answer: Record<string, unknown>) => {
    const { client_id: _id, client_secret: _secret, ...rest } = answer;
    const times = {
      client_id_issued_at: 0,
      client_secret_issued_at: 0,
      client_secret_expires_at: 0,
    };
    return { ...rest, ...times };
  };
  for (const nothing of [null, ""]) {
    const answer = await register({
      redirect_uris,
      client_name: nothing,
      client_uri: nothing,
      logo_uri: nothing,
      tos_uri: nothing,
      policy_uri: nothing,
      jwks_uri: nothing,
      "client_uri#de": nothing,
      contacts: nothing,
      grant_types: nothing,
      response_types: nothing,
      token_endpoint_auth_method: nothing,
      token_endpoint_auth_methods_supported: nothing,
      scope: nothing,
      software_id: nothing,
      jwks: nothing,
    });
    expect(given(answer), String(nothing)).toEqual(given(plain));
  }
  const lists = { grant_types: [], response_types: [], contacts: [] };
  expect(given(await register({ redirect_uris, ...lists }))).toEqual(given(plain));
});

test.each([
  ["none", {}],
  ["an empty list", { redirect_uris: [] }],
  ["null", { redirect_uris: null }],
  ["a script", { redirect_uris: ["javascript:alert(1)"] }],
  ["plain http of another machine", { redirect_uris: ["http://example.com/cb"] }],
  ["a fragment", { redirect_uris: ["https://example.com/cb#x"] }],
  ["an empty one", { redirect_uris: [...redirect_uris, ""] }],
  ["no list", { redirect_uris: "https://example.com/cb" }],
])(
  "a redirect URI that is %s is invalid_redirect_uri, with what it may be",
  async (_what, metadata) => {
    expect(await register(metadata)).toEqual({
      status: 400,
      error: "invalid_redirect_uri",
      error_description: expect.stringMatching(/redirect.*localhost.*register again/is),
    });
  },
);

test.each([
  ["client_uri", { client_uri: "no address" }],
  ["contacts", { contacts: "ada@example.com" }],
  ["grant_type", { grant_types: ["authorization_code", "password"] }],
  ["response_type", { response_types: ["token"] }],
  ["JSON", "{"],
  ["JSON", "[]"],
])("what is wrong with %s is invalid_client_metadata", async (name, wrong) => {
  const metadata = typeof wrong === "string" ? wrong : { redirect_uris, ...wrong };
  expect(await register(metadata)).toEqual({
    status: 400,
    error: "invalid_client_metadata",
    error_description: expect.stringContaining(name),
  });
});

test("a registration with a key is told how such a client comes by its id", async () => {
  const jwks = { keys: [] };
  const answer = await register({
    redirect_uris,
    jwks,
    token_endpoint_auth_method: "private_key_jwt",
  });
  expect(answer).toEqual({
    status: 400,
    error: "invalid_client_metadata",
    error_description: expect.stringMatching(
      /^private_key_jwt needs a client id metadata document/,
    ),
  });
});
