import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import Provider, { type Configuration, type JWK } from "oidc-provider";
import { HtmlBrowser, readForm } from "../../scripts/mcp/doctor/signed-in/sign-in/html-browser.ts";
import type { OutboundRequest } from "../../scripts/runtime/runtime.ts";
import { SigningKey } from "./signing-key.ts";

/** An account at the provider. Its login is its subject. */
export interface ProviderAccount {
  readonly email?: string;
  readonly email_verified?: boolean | string;
  /** Told to who asks for the scope `groups`. */
  readonly groups?: readonly string[];
}

/** How the provider is set up. */
export interface OpenIdProviderOptions {
  /** May change meanwhile. Default: everybody has `<login>@example.com`, verified. */
  readonly accounts?: Readonly<Record<string, ProviderAccount>>;
  /** Whether the address stands in the ID token. Default: only in userinfo. */
  readonly emailInIdToken?: boolean;
  /** Seconds that its access tokens last. Default: an hour. */
  readonly accessTokenLifetime?: number;
  /** Whether a refresh uses up its token and brings another one. Default: it stays the same. */
  readonly rotates?: boolean;
}

/** Changes an answer on its way to the Worker. */
export type Tamper = (path: string, response: Response) => Response | Promise<Response>;

/** Client that the provider knows. */
export const providerClient = { id: "example-at-idp", secret: "secret-of-example-at-the-provider" };

/**
 * `oidc-provider` on loopback, under an https name that no other machine has. The Worker reaches it
 * through `outbound`, a person through `signIn`.
 */
export class OpenIdProvider implements AsyncDisposable {
  readonly issuer = "https://idp.example.test";
  /** Set it to change what the Worker is answered. */
  tamper: Tamper = (_path, response) => response;
  /** Paths that the Worker asked for, in order. */
  readonly asked: string[] = [];
  /** Grants at the provider that a refresh token stands for. */
  readonly #refreshGrants = new Set<string>();
  readonly #options: OpenIdProviderOptions;
  readonly #server = createServer((request, response) => {
    if (this.#handle === undefined) response.writeHead(503).end();
    else this.#handle(request, response);
  });
  #callbackUrl = "";
  #key = new SigningKey("first");
  #provider: Provider | undefined;
  #handle: RequestListener | undefined;

  private constructor(options: OpenIdProviderOptions) {
    this.#options = options;
  }

  static async start(options: OpenIdProviderOptions = {}): Promise<OpenIdProvider> {
    const provider = new OpenIdProvider(options);
    provider.#server.listen(0, "127.0.0.1");
    await once(provider.#server, "listening");
    return provider;
  }

  /** Registers this server's Worker. */
  register(origin: string): void {
    this.#callbackUrl = `${origin}/authorize/callback`;
    this.#boot();
  }

  /** Replaces the key that ID tokens are signed with. */
  rotateKeys(id: string): void {
    this.#key = new SigningKey(id);
    this.#boot();
  }

  /** Ends what the person allowed at the provider: no refresh token works any more. */
  async revokeAll(): Promise<void> {
    for (const grantId of this.#refreshGrants) {
      await this.#provider?.RefreshToken.revokeByGrantId(grantId);
    }
  }

  /** The same ID token with other claims, signed by the provider's own key. */
  resign(token: string, claims: Readonly<Record<string, unknown>>): string {
    const payload = Buffer.from(token.split(".")[1] ?? "", "base64url");
    return this.#key.sign({ ...JSON.parse(payload.toString()), ...claims });
  }

  /** What a company that signs its people in here asserts of one of them (ID-JAG), signed by the provider's own key. */
  assert(claims: Readonly<Record<string, unknown>>): string {
    const now = Math.floor(Date.now() / 1000);
    const usual = { iss: this.issuer, jti: randomUUID(), iat: now, exp: now + 300 };
    return this.#key.sign({ ...usual, ...claims }, { typ: "oauth-id-jag+jwt" });
  }

  /** What the Worker's requests go to. */
  readonly outbound = async (url: string, request: OutboundRequest): Promise<Response> => {
    const { host, pathname } = new URL(url);
    if (host !== new URL(this.issuer).host) throw new Error(`The Worker asked ${host}.`);
    this.asked.push(pathname);
    const { method, headers, body } = request;
    const init = { method, headers, ...(body !== "" && { body }) };
    const response = await this.#fetch(new URL(url), init);
    const copy = new Response(await response.text(), {
      status: response.status,
      headers: response.headers,
    });
    return this.tamper(pathname, copy);
  };

  /** A browser for its pages. It remembers who is signed in there. */
  openBrowser(): HtmlBrowser {
    return new HtmlBrowser((url, init) => this.#fetch(url, init));
  }

  /**
   * Goes through its pages, signs in where that is asked, and allows what is asked.
   * @returns the URL the browser is sent back to.
   */
  async signIn(browser: HtmlBrowser, url: URL, login: string): Promise<URL> {
    let page = await browser.open(url);
    for (let step = 0; step < 4 && page.leavesFor === undefined; step++) {
      const form = page.root.querySelector("form");
      if (form === null) throw new Error(`The provider shows: ${page.text}`);
      const values = readForm(form).map(([name, value]): [string, string] => [
        name,
        { login, password: "any" }[name] ?? value,
      ]);
      page = await browser.post(page, form, values);
    }
    if (page.leavesFor === undefined) throw new Error(`The provider shows: ${page.text}`);
    return page.leavesFor;
  }

  /** Opens its pages and says no. */
  async decline(browser: HtmlBrowser, url: URL): Promise<URL> {
    const page = await browser.open(url);
    const link = page.root.querySelector("a[href$=abort]")?.getAttribute("href");
    const { leavesFor } = await browser.open(new URL(link ?? "", page.url));
    if (leavesFor === undefined) throw new Error("The provider sends nobody back.");
    return leavesFor;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #fetch(url: URL, { headers, ...init }: RequestInit): Promise<Response> {
    const { port } = this.#server.address() as AddressInfo;
    const sent = new Headers(headers);
    for (const name of ["host", "content-length", "connection"]) sent.delete(name);
    sent.set("x-forwarded-proto", "https");
    sent.set("x-forwarded-host", url.host);
    const target = `http://127.0.0.1:${port}${url.pathname}${url.search}`;
    return fetch(target, { ...init, headers: sent, redirect: "manual" });
  }

  #boot(): void {
    const provider = new Provider(this.issuer, this.#configure());
    provider.proxy = true;
    provider.on("refresh_token.saved", ({ grantId }) => {
      if (grantId !== undefined) this.#refreshGrants.add(grantId);
    });
    this.#provider = provider;
    this.#handle = provider.callback();
  }

  #configure(): Configuration {
    const { accounts, emailInIdToken = false, accessTokenLifetime = 3600 } = this.#options;
    return {
      rotateRefreshToken: this.#options.rotates ?? false,
      clients: [
        {
          client_id: providerClient.id,
          client_secret: providerClient.secret,
          redirect_uris: [this.#callbackUrl],
          grant_types: ["authorization_code", "refresh_token"],
          token_endpoint_auth_method: "client_secret_post",
        },
      ],
      jwks: { keys: [this.#key.privateKey as JWK] },
      claims: { openid: ["sub"], email: ["email", "email_verified"], groups: ["groups"] },
      conformIdTokenClaims: !emailInIdToken,
      discovery: { prompt_values_supported: ["none", "login", "consent"] },
      cookies: { keys: ["key of the provider's cookies"] },
      ttl: {
        AccessToken: accessTokenLifetime,
        Grant: 3600,
        IdToken: 3600,
        Interaction: 600,
        Session: 3600,
      },
      findAccount: (_context, login) => ({
        accountId: login,
        claims: async () => ({
          sub: login,
          ...(accounts === undefined
            ? { email: `${login}@example.com`, email_verified: true }
            : (accounts[login] as Record<string, string>)),
        }),
      }),
    };
  }
}

/** Changes the JSON of the answer at one path. */
export function changeJson(
  path: string,
  change: (body: Record<string, unknown>) => Record<string, unknown>,
): Tamper {
  return async (asked, response) => {
    if (asked !== path) return response;
    const body = change((await response.json()) as Record<string, unknown>);
    return Response.json(body, { status: response.status });
  };
}
