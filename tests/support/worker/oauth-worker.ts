import {
  createExecutionContext,
  runInDurableObject,
  waitOnExecutionContext,
} from "cloudflare:test";
import type { KVNamespace } from "@cloudflare/workers-types";
import { vi } from "vitest";
import { createWorker } from "../../../worker/create-worker.ts";
import { digest } from "../../../worker/digest.ts";
import type { WorkerEnv, WorkerSettings } from "../../../worker/env.ts";
import { createAuthorizationServer } from "../../../worker/oauth/authorization-server.ts";
import { findGate } from "../../../worker/oauth/gate/gates.ts";
import { replayTime } from "../../../worker/oauth/gate/rotations.ts";
import { toLoginEnv } from "../../../worker/oauth/gate/store.ts";
import { findGrant } from "../../../worker/oauth/gate/well-formed-token.ts";
import type { GrantName } from "../../../worker/oauth/revoke.ts";
import { features } from "../../fixture/features.ts";
import { pkce } from "../pkce.ts";
import { workerEnv } from "../worker/worker-env.ts";
import { workerSettings } from "../worker-settings.ts";

/** An answer of the token endpoint. */
export interface Tokens {
  readonly status: number;
  readonly access_token: string;
  readonly refresh_token: string;
  readonly scope: string;
  readonly expires_in: number;
  readonly error?: string;
}

const redirectUri = "http://localhost:9999/callback";
const { verifier, challenge: codeChallenge } = pkce;

/** A person of 22 characters, as `deriveUserId` makes them. */
export const userId = "ada-ada-ada-ada-ada-22";

/** The Worker with real storage, and a client whose steps a test takes one by one. */
export class OAuthWorker {
  readonly settings: WorkerSettings;
  readonly env: WorkerEnv;
  readonly #worker = createWorker(features).handlers;

  constructor(settings: Partial<WorkerSettings> = {}, kv?: KVNamespace) {
    this.settings = { ...workerSettings, ...settings };
    const bindings = { ...workerEnv };
    this.env = { ...bindings, SETTINGS: this.settings, ...(kv && { OAUTH_KV: kv }) };
  }

  get oauth() {
    return createAuthorizationServer(this.settings, features).getOAuthApi(toLoginEnv(this.env));
  }

  async fetch(path: string, init?: RequestInit): Promise<Response> {
    const ctx = createExecutionContext();
    const request = new Request(new URL(path, this.settings.origin), init);
    const response = await this.#worker.fetch(request, this.env, ctx);
    await waitOnExecutionContext(ctx);
    return response;
  }

  /** Registers a public client. */
  async register(): Promise<string> {
    const body = { redirect_uris: [redirectUri], token_endpoint_auth_method: "none" };
    const headers = { "content-type": "application/json" };
    const answer = await this.fetch("/register", {
      method: "POST",
      headers,
      body: JSON.stringify(body),
    });
    return ((await answer.json()) as { client_id: string }).client_id;
  }

  /** A code for the client, past the pages. */
  async authorize(
    clientId: string,
    { method = "demo", redirect = redirectUri, path = "/mcp", scope = ["demo:use"] } = {},
  ) {
    const { redirectTo } = await this.oauth.completeAuthorization({
      request: {
        responseType: "code",
        clientId,
        redirectUri: redirect,
        scope,
        state: "",
        codeChallenge,
        codeChallengeMethod: "S256",
        resource: `${this.settings.origin}${path}`,
      },
      userId,
      metadata: {},
      scope,
      props: { userId, method },
      revokeExistingGrants: false,
    });
    return new URL(redirectTo).searchParams.get("code") ?? "";
  }

  async token(fields: Record<string, string>): Promise<Tokens> {
    const answer = await this.fetch("/token", {
      method: "POST",
      body: new URLSearchParams(fields),
    });
    const text = await answer.text();
    return {
      ...(text === "" ? {} : (JSON.parse(text) as object)),
      status: answer.status,
    } as Tokens;
  }

  exchange(clientId: string, code: string, redirect = redirectUri): Promise<Tokens> {
    return this.token({
      grant_type: "authorization_code",
      client_id: clientId,
      code,
      redirect_uri: redirect,
      code_verifier: verifier,
    });
  }

  refresh(clientId: string, refreshToken: string, more: Record<string, string> = {}) {
    return this.token({
      grant_type: "refresh_token",
      client_id: clientId,
      refresh_token: refreshToken,
      ...more,
    });
  }

  /** Registration, authorization and tokens. */
  async logIn(options: { readonly path?: string; readonly scope?: string[] } = {}) {
    const clientId = await this.register();
    const code = await this.authorize(clientId, options);
    return { clientId, code, tokens: await this.exchange(clientId, code) };
  }

  /** HTTP status of a call with a token, and its challenge. */
  async call(accessToken: string, name = "sum", args: object = { a: 2, b: 3 }) {
    const answer = await this.fetch("/mcp", {
      method: "POST",
      headers: {
        host: new URL(this.settings.origin).host,
        authorization: `Bearer ${accessToken}`,
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
      },
      body: JSON.stringify({
        jsonrpc: "2.0",
        id: 1,
        method: "tools/call",
        params: { name, arguments: args },
      }),
    });
    const challenge = answer.headers.get("www-authenticate") ?? "";
    return { status: answer.status, challenge, text: await answer.text() };
  }

  /** Gives the gate of a grant another namespace or other settings. */
  async changeGate(token: string, change: Partial<WorkerEnv>): Promise<void> {
    await runInDurableObject(this.gate(token) as never, (gate: object) => {
      const { env: own } = gate as { env: WorkerEnv };
      Object.assign(gate, { env: { ...own, ...change } });
    });
  }

  /** Waits until the gate knows that an access token was used: it is told after the call was answered. */
  async seesUse({ access_token: token }: Pick<Tokens, "access_token">): Promise<void> {
    const id = await digest(token);
    await vi.waitFor(async () => {
      const times = await runInDurableObject(
        this.gate(token) as never,
        async (_gate, { storage }) => {
          const rows = await storage.list<{ value: string; at: number; until: number }>({
            prefix: "replay:",
          });
          const own = [...rows.values()].filter(({ value }) => value.startsWith(id));
          return own.map(({ at, until }) => until - at);
        },
      );
      for (const time of times)
        if (time > replayTime) throw new Error("The gate does not know yet.");
    });
  }

  gate(token: string) {
    return findGate(this.env, findGrant(token) as GrantName);
  }
}
