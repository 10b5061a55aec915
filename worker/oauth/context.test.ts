import { reset } from "cloudflare:test";
import { afterEach, expect, test } from "vitest";
import { features } from "../../tests/fixture/features.ts";
import { pkce } from "../../tests/support/pkce.ts";
import { OAuthWorker } from "../../tests/support/worker/oauth-worker.ts";
import { readAuthRequest } from "./context.ts";

afterEach(() => reset());

test("an authorization request looks its client up once: a metadata document is not fetched twice", async () => {
  const worker = new OAuthWorker();
  const clientId = await worker.register();
  const { OAUTH_KV: kv } = worker.env;
  const reads: string[] = [];
  const counting = new Proxy(kv, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      return (...args: unknown[]) => {
        if (name === "get") reads.push(String(args[0]));
        return Reflect.apply(member, target, args) as unknown;
      };
    },
  });
  Object.assign(worker.env, { OAUTH_KV: counting });
  const url = new URL("/authorize", worker.settings.origin);
  url.search = new URLSearchParams({
    response_type: "code",
    client_id: clientId,
    redirect_uri: "http://localhost:9999/callback",
    code_challenge: pkce.challenge,
    code_challenge_method: "S256",
  }).toString();
  const request = await readAuthRequest({
    request: new Request(url),
    oauth: worker.oauth,
    features,
  });
  expect(request.clientId).toBe(clientId);
  expect(reads).toEqual([`client:${clientId}`]);
});
