import * as oauth from "oauth4webapi";
import type { Person } from "../../support/person.ts";

/** Servers on this machine speak plain HTTP. */
export const insecure = { [oauth.allowInsecureRequests]: true } as const;

/** A program with a published OAuth library, which knows one server and one client. */
export class Program {
  readonly server: oauth.AuthorizationServer;
  readonly client: oauth.Client;
  readonly redirectUri: string;
  readonly resource: string;

  private constructor(
    server: oauth.AuthorizationServer,
    client: oauth.Client,
    redirectUri: string,
    resource: string,
  ) {
    this.server = server;
    this.client = client;
    this.redirectUri = redirectUri;
    this.resource = resource;
  }

  /** Discovers a server. @param client its id, or what it registers with. */
  static async discover(
    origin: string,
    client:
      | { readonly client_id: string }
      | { readonly register: Readonly<Record<string, string>> },
    redirectUri: string,
  ): Promise<Program> {
    const issuer = new URL(origin);
    const options = { algorithm: "oauth2", ...insecure } as const;
    const found = await oauth.discoveryRequest(issuer, options);
    const server = await oauth.processDiscoveryResponse(issuer, found);
    const known =
      "client_id" in client
        ? client
        : await oauth.processDynamicClientRegistrationResponse(
            await oauth.dynamicClientRegistrationRequest(
              server,
              { client_name: "A program", redirect_uris: [redirectUri], ...client.register },
              insecure,
            ),
          );
    return new Program(server, known, redirectUri, `${origin}/mcp`);
  }

  /** The secret that the server gave. */
  get secret(): string {
    const { client_secret: secret } = this.client;
    if (typeof secret !== "string") throw new Error("The client got no secret.");
    return secret;
  }

  /** Where it sends a person. @param changes parameters that are other than usual. */
  async begin(
    changes: Readonly<Record<string, string>> = {},
    verifier = "v".repeat(43),
  ): Promise<URL> {
    const url = new URL(this.server.authorization_endpoint ?? "");
    url.search = new URLSearchParams({
      response_type: "code",
      client_id: this.client.client_id,
      redirect_uri: this.redirectUri,
      resource: this.resource,
      scope: "demo:use demo:profile",
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
      ...changes,
    }).toString();
    return url;
  }

  /** Sends a person to approve. @returns what it takes to redeem the code. @param changes see `begin`. */
  async authorize(
    person: Person,
    changes: Readonly<Record<string, string>> = {},
  ): Promise<{ callback: URLSearchParams; verifier: string }> {
    const verifier = oauth.generateRandomCodeVerifier();
    const state = oauth.generateRandomState();
    const url = await this.begin({ state, ...changes }, verifier);
    const callback = await person.authorize(url);
    return {
      callback: oauth.validateAuthResponse(this.server, this.client, callback, state),
      verifier,
    };
  }

  /** Logs in, refreshes and gives the tokens back, authenticated in one way. */
  async run(person: Person, authentication: oauth.ClientAuth): Promise<void> {
    const { server, client, redirectUri } = this;
    const { callback, verifier } = await this.authorize(person);
    const options = { ...insecure, additionalParameters: { resource: this.resource } };
    const redeemed = await oauth.processAuthorizationCodeResponse(
      server,
      client,
      await oauth.authorizationCodeGrantRequest(
        server,
        client,
        authentication,
        callback,
        redirectUri,
        verifier,
        options,
      ),
    );
    const refreshed = await oauth.processRefreshTokenResponse(
      server,
      client,
      await oauth.refreshTokenGrantRequest(
        server,
        client,
        authentication,
        redeemed.refresh_token ?? "",
        options,
      ),
    );
    const call = () =>
      oauth.protectedResourceRequest(
        refreshed.access_token,
        "POST",
        new URL(this.resource),
        new Headers({
          accept: "application/json, text/event-stream",
          "content-type": "application/json",
        }),
        JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list" }),
        insecure,
      );
    const answered = await call();
    await answered.body?.cancel();
    if (!answered.ok) throw new Error(`The call was answered ${answered.status}`);
    await oauth.processRevocationResponse(
      await oauth.revocationRequest(
        server,
        client,
        authentication,
        refreshed.refresh_token ?? "",
        insecure,
      ),
    );
    const gone = await call().then(({ status }) => status, toStatus);
    if (gone !== 401) throw new Error(`A token that was given back was answered ${gone}`);
  }
}

function toStatus(error: unknown): number {
  if (error instanceof oauth.WWWAuthenticateChallengeError) return error.status;
  throw error;
}
