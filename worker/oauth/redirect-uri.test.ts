import { expect, test } from "vitest";
import { features } from "../../tests/fixture/features.ts";
import { pkce } from "../../tests/support/pkce.ts";
import { OAuthWorker } from "../../tests/support/worker/oauth-worker.ts";
import { workerSettings } from "../../tests/support/worker-settings.ts";
import { readAuthRequest } from "./context.ts";
import { isRegisteredRedirect } from "./redirect-uri.ts";

const registered = [
  "https://app.example.com/cb",
  "http://localhost/cb",
  "http://127.0.0.1:1/cb?a=b",
];

test.each([
  "https://app.example.com/cb",
  "http://localhost/cb",
  "http://localhost:1/cb",
  "http://localhost:65535/cb",
  "http://127.0.0.1/cb?a=b",
  "http://127.0.0.1:52346/cb?a=b",
])("%j is registered", (asked) => {
  expect(isRegisteredRedirect(asked, registered)).toBe(true);
});

test.each([
  "",
  "https://app.example.com:443/cb",
  "https://app.example.com/x/../cb",
  "https://APP.example.com/cb",
  "http://LOCALHOST/cb",
  "HTTP://localhost/cb",
  "http:\\\\localhost/cb",
  "http:localhost/cb",
  "http://localhost/x/../cb",
  "http://localhost/./cb",
  "http://localhost/%63b",
  "http://localhost\t/cb",
  "http://local\nhost/cb",
  " http://localhost/cb",
  "http://localhost/cb\n",
  "http://localhost:0/cb",
  "http://localhost:080/cb",
  "http://localhost:65536/cb",
  "http://localhost:/cb",
  "http://localhost:1:2/cb",
  "http://localhost:1@evil.example/cb",
  "http://localhost.evil.example/cb",
  "http://localhost/cb/",
  "http://localhost/cb?",
  "https://localhost/cb",
  "http://[::1]/cb",
  "http://127.0.0.1/cb",
  "http://127.1/cb?a=b",
  "http://2130706433/cb?a=b",
  "http://0x7f.0.0.1/cb?a=b",
  "http://127.0.0.2/cb?a=b",
])("%j is not", (asked) => {
  expect(isRegisteredRedirect(asked, registered)).toBe(false);
});

test("registered and pre-registered clients are held to it alike, and the library's own comparison is not asked", async () => {
  const redirectUris = ["http://localhost/cb"];
  const preRegistered = [{ clientId: "acme", name: "Acme", redirectUris }];
  const worker = new OAuthWorker({ clients: { ...workerSettings.clients, preRegistered } });
  const { oauth } = worker;
  const { clientId } = await oauth.createClient({ redirectUris, tokenEndpointAuthMethod: "none" });
  for (const client of [clientId, "acme"]) {
    const read = (redirect: string, more: Record<string, string> = {}) => {
      const url = new URL("/authorize", worker.settings.origin);
      url.search = new URLSearchParams({
        response_type: "code",
        client_id: client,
        redirect_uri: redirect,
        code_challenge: pkce.challenge,
        code_challenge_method: "S256",
        ...more,
      }).toString();
      return readAuthRequest({ request: new Request(url), oauth, features });
    };
    expect((await read("http://localhost:52346/cb")).redirectUri).toBe("http://localhost:52346/cb");
    for (const asked of [
      "http://LOCALHOST/cb",
      "http://localhost/x/../cb",
      "http:\\\\localhost/cb",
    ]) {
      // Nor may a mistake beside it be sent there.
      for (const more of [{}, { response_type: "token" }, { code_challenge: "x" }]) {
        await expect(read(asked, more), asked).rejects.toMatchObject({
          name: "AuthorizationError",
          redirectTo: undefined,
        });
      }
    }
  }
});

test("at the token endpoint, too, the redirect URI is the one of the request", async () => {
  const worker = new OAuthWorker();
  const clientId = await worker.register();
  const code = await worker.authorize(clientId);
  for (const redirect of [
    "http://LOCALHOST:9999/callback",
    "http://localhost:9999/x/../callback",
    "http://localhost:1234/callback",
  ]) {
    expect((await worker.exchange(clientId, code, redirect)).error, redirect).toBe("invalid_grant");
  }
  expect((await worker.exchange(clientId, code)).status).toBe(200);
});
