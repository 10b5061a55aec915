import { test as base, expect } from "vitest";
import { Person } from "../../support/person.ts";
import { startStackServer } from "../../support/stack-server.ts";
import { chatgpt } from "../matrix/clients/chatgpt.ts";
import { publish } from "../matrix/publisher.ts";
import { Program } from "./program.ts";

const redirectUri = "http://localhost:8092/callback";
const [, doesNotSign] = chatgpt;

const test = base.extend(
  "origin",
  { scope: "file" },
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the pattern to know what is needed.
  async ({}, { onCleanup }) => {
    const { outbound } = publish(chatgpt);
    const client = { clientId: "known-app", name: "A known app", redirectUris: [redirectUri] };
    const settings = { preRegisteredClients: JSON.stringify([client]) };
    const server = await startStackServer({ outbound, settings });
    onCleanup(() => server[Symbol.asyncDispose]());
    return server.origin;
  },
);

/** What a client adds to a token request to say who it is. */
interface Sent {
  readonly basic?: readonly [id: string, secret: string];
  readonly form?: Readonly<Record<string, string>>;
}

/** An answer of the token endpoint. */
interface Answer {
  readonly status: number;
  readonly challenge: string | null;
  readonly error?: string;
  readonly error_description?: string;
  readonly refresh_token?: string;
}

/** Posts a token request as the client libraries of other languages write it. */
async function post(
  origin: string,
  fields: Readonly<Record<string, string>>,
  { basic, form = {} }: Sent,
): Promise<Answer> {
  const headers = new Headers();
  if (basic !== undefined) {
    const encoded = basic.map(encodeURIComponent).join(":");
    headers.set("authorization", `Basic ${Buffer.from(encoded).toString("base64")}`);
  }
  const response = await fetch(`${origin}/token`, {
    method: "POST",
    headers,
    body: new URLSearchParams({ ...fields, ...form }),
  });
  const { status } = response;
  const text = await response.text();
  const body = (text === "" ? {} : JSON.parse(text)) as Omit<Answer, "status" | "challenge">;
  return { ...body, status, challenge: response.headers.get("www-authenticate") };
}

/** Lets a person approve. @returns the fields that redeem the code. */
async function approve(program: Program): Promise<Record<string, string>> {
  const { callback, verifier } = await program.authorize(new Person("ada@example.com"));
  return {
    grant_type: "authorization_code",
    code: callback.get("code") ?? "",
    code_verifier: verifier,
    redirect_uri: program.redirectUri,
    resource: program.resource,
  };
}

const toRefresh = ({ refresh_token: token = "" }: Answer) => ({
  grant_type: "refresh_token",
  refresh_token: token,
});

test("client_id beside HTTP Basic is the same client once more, and a second secret is not", async ({
  origin,
}) => {
  const program = await Program.discover(origin, { register: {} }, redirectUri);
  const other = await Program.discover(origin, { register: {} }, redirectUri);
  const { client_id: id } = program.client;
  const basic = [id, program.secret] as const;
  const fields = await approve(program);

  expect(
    await post(origin, fields, { basic, form: { client_id: other.client.client_id } }),
  ).toEqual({
    status: 400,
    challenge: null,
    error: "invalid_request",
    error_description: expect.stringContaining("one client"),
  });
  for (const form of [
    { client_id: id, client_secret: program.secret },
    { client_secret: program.secret },
    { client_id: id, client_assertion: "x", client_assertion_type: "y" },
  ]) {
    const refused = { status: 400, error: "invalid_request" };
    expect(await post(origin, fields, { basic, form })).toMatchObject(refused);
  }
  // As the Python SDK sends it; the code was not used up by the others.
  const redeemed = await post(origin, fields, { basic, form: { client_id: id } });
  expect(redeemed.status).toBe(200);
  const refreshed = await post(origin, toRefresh(redeemed), { basic, form: { client_id: id } });
  expect(refreshed.status).toBe(200);
  const token = refreshed.refresh_token ?? "";
  expect((await post(origin, { token }, { basic, form: { client_id: id } })).status).toBe(200);
  const gone = await post(origin, toRefresh(refreshed), { basic, form: { client_id: id } });
  expect(gone).toMatchObject({ status: 400, error: "invalid_grant" });
});

const publicClients = {
  "registered itself": { register: { token_endpoint_auth_method: "none" } },
  "is pre-registered": { client_id: "known-app" },
  "has a metadata document": { client_id: urlOf(doesNotSign) },
};

for (const [way, client] of Object.entries(publicClients)) {
  test(`a client without a secret that ${way} may name itself by HTTP Basic with an empty one`, async ({
    origin,
  }) => {
    const redirect = way.includes("document") ? (doesNotSign?.redirectUri ?? "") : redirectUri;
    const program = await Program.discover(origin, client, redirect);
    const { client_id: id } = program.client;
    const fields = await approve(program);
    // A secret that it does not have is a lie, and says nothing of the client.
    expect(await post(origin, fields, { basic: [id, "made up"] })).toMatchObject({
      status: 401,
      error: "invalid_client",
    });
    const redeemed = await post(origin, fields, { basic: [id, ""] });
    expect(redeemed.status).toBe(200);
    const both = { basic: [id, ""] as const, form: { client_id: id, client_secret: "" } };
    const refreshed = await post(origin, toRefresh(redeemed), both);
    expect(refreshed.status).toBe(200);
    // Lost on the way: the same request again.
    expect(await post(origin, toRefresh(redeemed), both)).toMatchObject({
      status: 200,
      refresh_token: refreshed.refresh_token,
    });
  });
}

test("a header is read as its client means it, and one that cannot be read is 401", async ({
  origin,
}) => {
  const send = async (authorization: string, form: Readonly<Record<string, string>>) => {
    const response = await fetch(`${origin}/token`, {
      method: "POST",
      headers: { authorization },
      body: new URLSearchParams(form),
    });
    return [response.status, ((await response.json()) as Answer).error];
  };
  const toBasic = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`;
  const refresh = { grant_type: "refresh_token", refresh_token: "x" };
  // The address as it is, as curl sends it: the client is found, its token is not.
  const url = urlOf(doesNotSign);
  expect(await send(toBasic(`${url}:`), refresh)).toEqual([400, "invalid_grant"]);
  for (const malformed of ["Basic", "Basic ?", "Basic a b", toBasic("no colon"), toBasic("%:")]) {
    for (const form of [refresh, { ...refresh, client_id: "known-app" }]) {
      expect(await send(malformed, form), malformed).toEqual([401, "invalid_client"]);
    }
  }
});

test("a client with a secret or a key may not leave it empty", async ({ origin }) => {
  const invalid = { status: 401, error: "invalid_client", challenge: 'Basic realm="OAuth"' };
  for (const named of ["client_secret_basic", "client_secret_post"]) {
    const registration = { register: { token_endpoint_auth_method: named } };
    const program = await Program.discover(origin, registration, redirectUri);
    const { client_id: id } = program.client;
    const fields = await approve(program);
    expect(await post(origin, fields, { basic: [id, ""] })).toMatchObject(invalid);
    expect(await post(origin, fields, { form: { client_id: id } })).toMatchObject({ status: 401 });
    expect((await post(origin, fields, { basic: [id, program.secret] })).status).toBe(200);
  }
  const basic = ["nobody", ""] as const;
  expect(await post(origin, { grant_type: "refresh_token" }, { basic })).toMatchObject(invalid);
});

test("a parameter without a value counts as omitted, at every endpoint", async ({ origin }) => {
  const registration = { register: { token_endpoint_auth_method: "none" } };
  const program = await Program.discover(origin, registration, redirectUri);
  const { client_id: id } = program.client;
  const person = new Person("ada@example.com");
  const { callback, verifier } = await program.authorize(person, {
    resource: "",
    scope: "",
    prompt: "",
    nonce: "",
  });
  const empty = { resource: "", scope: "", client_secret: "", client_assertion: "" };
  const redeemed = await post(
    origin,
    {
      grant_type: "authorization_code",
      code: callback.get("code") ?? "",
      code_verifier: verifier,
      redirect_uri: redirectUri,
      refresh_token: "",
      token: "",
    },
    { form: { ...empty, client_id: id } },
  );
  expect(redeemed).toMatchObject({ status: 200, scope: "demo:use demo:profile" });
  const refresh = { ...toRefresh(redeemed), code: "" };
  const refreshed = await post(origin, refresh, { form: { ...empty, client_id: id } });
  expect(refreshed).toMatchObject({ status: 200, scope: "demo:use demo:profile" });
  const revocation = {
    grant_type: "",
    token: refreshed.refresh_token ?? "",
    token_type_hint: "",
  };
  expect((await post(origin, revocation, { form: { ...empty, client_id: id } })).status).toBe(200);
  const gone = await post(origin, toRefresh(refreshed), { form: { client_id: id } });
  expect(gone).toMatchObject({ status: 400, error: "invalid_grant" });
});

test("an empty parameter beside the same one with a value is not a second one", async ({
  origin,
}) => {
  const registration = { register: { token_endpoint_auth_method: "none" } };
  const program = await Program.discover(origin, registration, redirectUri);
  const url = await program.begin();
  for (const name of ["client_id", "resource", "scope", "state", "redirect_uri"]) {
    url.searchParams.append(name, "");
  }
  const page = await new Person("ada@example.com").visit(url);
  expect(page.status).toBe(200);
});

test("what must have a value is missing without one", async ({ origin }) => {
  const registration = { register: { token_endpoint_auth_method: "none" } };
  const program = await Program.discover(origin, registration, redirectUri);
  const form = { client_id: program.client.client_id };
  for (const fields of [
    { grant_type: "authorization_code", code: "" },
    { grant_type: "refresh_token", refresh_token: "" },
  ]) {
    expect(await post(origin, fields, { form })).toMatchObject({
      status: 400,
      error: "invalid_request",
    });
  }
  expect(
    await post(origin, { grant_type: "refresh_token" }, { form: { client_id: "" } }),
  ).toMatchObject({ status: 401, error: "invalid_client" });
});

function urlOf(client: (typeof chatgpt)[number] | undefined): string {
  if (client?.registration.way !== "CIMD") throw new Error("The client has no document.");
  return client.registration.url;
}
