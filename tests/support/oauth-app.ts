import { randomBytes } from "node:crypto";
import { baseScope } from "../fixture/scopes.ts";
import type { Person } from "./person.ts";
import { createPkce } from "./random-pkce.ts";

/** How an authorization is asked for. */
export interface AuthorizationOptions {
  /** Path of the endpoint the token is for. Default: `/mcp`. */
  readonly path?: string;
  /** Default: S256. */
  readonly challengeMethod?: "S256" | "plain";
  /** Scopes, parted by spaces. Default: the fixture's base scopes. */
  readonly scope?: string;
}

/** An authorization that was started, with what the client keeps of it. */
export interface Authorization {
  /** Where the client sends the person. */
  readonly url: URL;
  readonly state: string;
  readonly verifier: string;
  /** Identifier of the endpoint (RFC 8707). */
  readonly resource: string;
}

/** An answer of the token endpoint. */
export interface TokenAnswer {
  readonly status: number;
  readonly body: {
    readonly access_token?: string;
    readonly refresh_token?: string;
    readonly scope?: string;
    readonly error?: string;
  };
}

/** A login that went well. */
export interface Login {
  readonly authorization: Authorization;
  readonly code: string;
  readonly accessToken: string;
  readonly refreshToken: string;
}

/**
 * A registered client whose every step is taken by hand, so that a test can take a wrong one. The
 * clients of the SDKs refuse to.
 */
export class OAuthApp {
  readonly origin: string;
  readonly clientId: string;
  readonly redirectUri: string;

  private constructor(origin: string, clientId: string, redirectUri: string) {
    this.origin = origin;
    this.clientId = clientId;
    this.redirectUri = redirectUri;
  }

  /** A client that is known already: by its metadata document, or by the stack's settings. */
  static known(origin: string, clientId: string, redirectUri: string): OAuthApp {
    return new OAuthApp(origin, clientId, redirectUri);
  }

  /** Registers a public client (RFC 7591). */
  static async register(
    origin: string,
    name = "A client by hand",
    redirectUri = "http://localhost:8091/callback",
  ): Promise<OAuthApp> {
    const response = await fetch(`${origin}/register`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        client_name: name,
        redirect_uris: [redirectUri],
        token_endpoint_auth_method: "none",
      }),
    });
    const body = (await response.json()) as { client_id?: string };
    if (response.status !== 201 || body.client_id === undefined) {
      throw new Error(`Registration answered ${response.status}: ${JSON.stringify(body)}`);
    }
    return new OAuthApp(origin, body.client_id, redirectUri);
  }

  /** Starts an authorization. */
  begin(options: AuthorizationOptions = {}): Authorization {
    const { path = "/mcp", challengeMethod = "S256", scope = baseScope } = options;
    const { verifier, challenge } = createPkce();
    const state = randomBytes(16).toString("base64url");
    const resource = `${this.origin}${path}`;
    const url = new URL("/authorize", this.origin);
    url.search = new URLSearchParams({
      response_type: "code",
      client_id: this.clientId,
      redirect_uri: this.redirectUri,
      state,
      resource,
      scope,
      code_challenge: challengeMethod === "S256" ? challenge : verifier,
      code_challenge_method: challengeMethod,
    }).toString();
    return { url, state, verifier, resource };
  }

  /** Exchanges a code for tokens. */
  redeem(code: string, { verifier, resource }: Authorization): Promise<TokenAnswer> {
    return this.#askForTokens({
      grant_type: "authorization_code",
      code,
      code_verifier: verifier,
      redirect_uri: this.redirectUri,
      resource,
    });
  }

  /** Exchanges a refresh token for new tokens. @param more parameters, as `scope`. */
  refresh(refreshToken: string, more: Readonly<Record<string, string>> = {}): Promise<TokenAnswer> {
    return this.#askForTokens({
      grant_type: "refresh_token",
      refresh_token: refreshToken,
      ...more,
    });
  }

  /** A whole login of a person, without a mistake. @throws Error where it ends otherwise. */
  async logIn(person: Person, options: AuthorizationOptions = {}): Promise<Login> {
    const authorization = this.begin(options);
    const code = readCode(await person.authorize(authorization.url));
    const { status, body } = await this.redeem(code, authorization);
    const { access_token: accessToken, refresh_token: refreshToken } = body;
    if (accessToken === undefined || refreshToken === undefined) {
      throw new Error(`The token endpoint answered ${status}: ${JSON.stringify(body)}`);
    }
    return { authorization, code, accessToken, refreshToken };
  }

  async #askForTokens(fields: Readonly<Record<string, string>>): Promise<TokenAnswer> {
    const response = await fetch(`${this.origin}/token`, {
      method: "POST",
      body: new URLSearchParams({ client_id: this.clientId, ...fields }),
    });
    return { status: response.status, body: (await response.json()) as TokenAnswer["body"] };
  }
}

/** The code in a redirect to the client. @throws Error where there is none. */
export function readCode(redirect: URL): string {
  const code = redirect.searchParams.get("code");
  if (code === null) throw new Error(`The client got no code: ${redirect}`);
  return code;
}
