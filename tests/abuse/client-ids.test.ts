import { test as base, expect } from "vitest";
import { startStackServer } from "../support/stack-server.ts";

/** A server whose Worker never fetches: whatever it asks for is noted. */
const test = base.extend(
  "served",
  { scope: "file" },
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the pattern to know what is needed.
  async ({}, { onCleanup }) => {
    const fetched: string[] = [];
    const outbound = (url: string) => {
      fetched.push(url);
      return new Response("Not found", { status: 404 });
    };
    const server = await startStackServer({ outbound });
    onCleanup(() => server[Symbol.asyncDispose]());
    return { origin: server.origin, fetched };
  },
);

const privateIds = [
  "https://127.0.0.1/client.json",
  "https://0x7f.1/client.json",
  "https://2130706433/client.json",
  "https://[::ffff:10.0.0.1]/client.json",
  "https://localhost./client.json",
  "https://metadata.google.internal/client.json",
  "https://user@app.example.com/client.json",
];

const publicId = "https://app.example.com/client.json";

function toJwt(claims: object): string {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");
  return `${encode({ alg: "ES256" })}.${encode(claims)}.c2lnbmF0dXJl`;
}

/** Every place where a client says who it is. */
const ways: Record<string, (origin: string, id: string) => Promise<Response>> = {
  "the query of /authorize": (origin, id) =>
    fetch(`${origin}/authorize?${new URLSearchParams({ client_id: id, response_type: "code" })}`),
  "a second client_id of /authorize": (origin, id) =>
    fetch(`${origin}/authorize?client_id=x&client_id=${encodeURIComponent(id)}`),
  "a form sent to /authorize": (origin, id) =>
    fetch(`${origin}/authorize?client_id=${encodeURIComponent(id)}`, {
      method: "POST",
      headers: { origin },
      body: new URLSearchParams({ step: "sign-in", email: "a@b.c", password: "x" }),
    }),
  "the form of /token": (origin, id) => askForToken(origin, { client_id: id }),
  "Basic credentials at /token": (origin, id) =>
    askForToken(origin, {}, `Basic ${btoa(`${encodeURIComponent(id)}:secret`)}`),
  "the issuer of an assertion at /token": (origin, id) =>
    askForToken(origin, { ...assertion(toJwt({ iss: id, sub: id })) }),
  "the subject of an assertion at /token": (origin, id) =>
    askForToken(origin, { client_id: "known", ...assertion(toJwt({ iss: "known", sub: id })) }),
  "a revocation at /token": (origin, id) => askForToken(origin, { client_id: id, token: "a:b:c" }),
};

function assertion(jwt: string) {
  return {
    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    client_assertion: jwt,
  };
}

function askForToken(origin: string, fields: Record<string, string>, authorization?: string) {
  return fetch(`${origin}/token`, {
    method: "POST",
    ...(authorization !== undefined && { headers: { authorization } }),
    body: new URLSearchParams({ grant_type: "authorization_code", code: "a:b:c", ...fields }),
  });
}

for (const [place, ask] of Object.entries(ways)) {
  test(`a private client id in ${place} is refused by its name, and nothing is fetched`, async ({
    served: { origin, fetched },
  }) => {
    fetched.length = 0;
    for (const id of privateIds) {
      const answer = await ask(origin, id);
      const text = await answer.text();
      expect([400, 401], `${id}: ${text}`).toContain(answer.status);
      expect(text).toMatch(
        /The client id of this app (is on a private host|names its host by an IP address|holds a user name)/,
      );
    }
    expect(fetched).toEqual([]);
  });
}

test("a client id on this server itself is refused: it would ask itself", async ({
  served: { origin, fetched },
}) => {
  fetched.length = 0;
  const id = `${origin.replace("http:", "https:")}/authorize?client_id=x`;
  const answer = await fetch(`${origin}/authorize?client_id=${encodeURIComponent(id)}`);
  expect(answer.status).toBe(400);
  expect(await answer.text()).toMatch(/on this server itself/);
  expect(fetched).toEqual([]);
});

test("a public client id is fetched", async ({ served: { origin, fetched } }) => {
  for (const way of ["the query of /authorize", "the form of /token"]) {
    fetched.length = 0;
    await ways[way]?.(origin, publicId);
    expect(fetched, way).toEqual([publicId]);
  }
});
