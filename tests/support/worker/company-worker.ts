import type { WorkerEnv, WorkerSettings } from "../../../worker/env.ts";
import { rememberSignIn } from "../../../worker/identity/signed-in.ts";
import { layerKv } from "../../../worker/oauth/gate/kv-layer.ts";
import { answerCounts, countKv } from "./count-kv.ts";
import { makeKey, type TestKey } from "./machine-worker.ts";
import { OAuthWorker, type Tokens } from "./oauth-worker.ts";
import { workerEnv } from "./worker-env.ts";

/** The grant of a company's assertion. */
export const jwtBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/** An answer of the token endpoint. */
export interface CompanyAnswer extends Tokens {
  readonly token_type: string;
  readonly resource: string;
  readonly error_description?: string;
}

type Issuer = NonNullable<WorkerSettings["enterprise"]>[number];

/** One for each issuer of a test run: keys are kept by address. */
let issuers = 0;

/** Who signs assertions: a company's identity provider, or a client's maker who decides for its companies. */
export class TestIssuer {
  readonly url: string;
  readonly keysUrl: string;
  /** Those that are served; the first signs. */
  keys: TestKey[];
  /** How often they were asked for. */
  asked = 0;
  readonly #make: (name: string) => Promise<TestKey>;
  /** What the issuer says beside what every one does. */
  readonly #usual: object;

  private constructor(
    url: string,
    keysUrl: string,
    key: TestKey,
    make: (name: string) => Promise<TestKey>,
    usual: object,
  ) {
    this.url = url;
    this.keysUrl = keysUrl;
    this.keys = [key];
    this.#make = make;
    this.#usual = usual;
  }

  /** As Okta does it: RS256, scopes and groups in the assertion, one issuer for a company. */
  static async likeOkta(): Promise<TestIssuer> {
    const url = `https://acme-${issuers++}.okta.example`;
    const make = (name: string) => makeKey(name, "RS256");
    const usual = { email: "ada@acme.example", groups: ["Platform"], scope: "demo:use demo:write" };
    return new TestIssuer(url, `${url}/oauth2/v1/keys`, await make("okta-1"), make, usual);
  }

  /** As Claude does it: ES256, an issuer for each organisation of one host, and no scope. */
  static async likeClaude(): Promise<TestIssuer> {
    const url = `https://identity-${issuers++}.claude.example/issuers/tenant`;
    const make = (name: string) => makeKey(name, "ES256");
    const usual = { email: "ada@acme.example", email_verified: true };
    return new TestIssuer(url, `${url}/jwks.json`, await make("claude-1"), make, usual);
  }

  /** Signs with another key from now on. @param keepsOld whether the one of before is still served. */
  async rotate(name: string, keepsOld = true): Promise<void> {
    this.keys = [await this.#make(name), ...(keepsOld ? this.keys : [])];
  }

  /** What it asserts of a person for a client. @param more claims that differ; undefined leaves one out. */
  claims(clientId: string, audience: string, more: object = {}): object {
    const now = Math.floor(Date.now() / 1000);
    return {
      iss: this.url,
      sub: "ada",
      aud: audience,
      client_id: clientId,
      jti: crypto.randomUUID(),
      iat: now,
      exp: now + 300,
      ...this.#usual,
      ...more,
    };
  }

  /** Signs an assertion. */
  sign(
    clientId: string,
    audience: string,
    more: object = {},
    header: object = {},
    key = this.keys[0],
  ): Promise<string> {
    if (key === undefined) throw new Error("The issuer has no key.");
    return key.sign(this.claims(clientId, audience, more), { typ: "oauth-id-jag+jwt", ...header });
  }

  /** It in the settings of a stack. */
  toSetting(clientIds: string[], more: Partial<Issuer> = {}): Issuer {
    return {
      issuer: this.url,
      keysUrl: this.keysUrl,
      clientIds,
      scopes: ["demo:use", "demo:profile", "demo:write", "demo:read"],
      domains: [],
      allowNoScope: false,
      allowPublicClients: false,
      ...more,
    };
  }

  /** What it is asked. */
  answer(url: string): Response | undefined {
    if (url !== this.keysUrl) return undefined;
    this.asked++;
    return Response.json({ keys: this.keys.map(({ jwk }) => jwk) });
  }
}

/** SHA-256 of a secret, as the settings have it. */
export async function toSecretDigest(secret: string): Promise<string> {
  const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(secret));
  return [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The client that comes with assertions, known by the settings. */
export const chat = { id: "chat", secret: "the-secret-of-chat-at-this-server" };

/** The Worker of a stack that takes assertions. */
export class CompanyWorker extends OAuthWorker {
  constructor(settings: Partial<WorkerSettings>, env: Partial<WorkerEnv> = {}) {
    super(settings);
    // A namespace of its own: the Worker keeps what it read of one.
    Object.assign(
      this.env,
      countKv({ ...this.env, OAUTH_KV: layerKv(this.env.OAUTH_KV, {}) }),
      env,
    );
  }

  /** A stack whose client `chat` has a secret. */
  static async create(
    enterprise: Issuer[],
    more: Partial<WorkerSettings> = {},
    env: Partial<WorkerEnv> = {},
  ): Promise<CompanyWorker> {
    const preRegistered = [
      {
        clientId: chat.id,
        name: "Chat",
        redirectUris: ["https://chat.example/callback"],
        secretSha256: await toSecretDigest(chat.secret),
      },
      { clientId: "bare", name: "Bare", redirectUris: ["https://bare.example/callback"] },
    ];
    const { settings } = new OAuthWorker();
    const worker = new CompanyWorker(
      {
        clients: { ...settings.clients, preRegistered },
        ...(enterprise.length > 0 && { enterprise }),
        ...more,
      },
      env,
    );
    await worker.countKv();
    return worker;
  }

  /** What the Worker asked of Workers KV since the last time. */
  async countKv(): Promise<unknown> {
    return answerCounts(new Request("http://localhost/kv-counts"))?.json();
  }

  /** Comes with an assertion. @param basic credentials for the header; the client's own by default. */
  async bring(
    assertion: string,
    more: Readonly<Record<string, string>> = {},
    basic: string | null = `${chat.id}:${chat.secret}`,
  ): Promise<CompanyAnswer> {
    const answer = await this.fetch("/token", {
      method: "POST",
      headers: basic === null ? {} : { authorization: `Basic ${btoa(basic)}` },
      body: new URLSearchParams({ grant_type: jwtBearer, assertion, ...more }),
    });
    return { ...((await answer.json()) as object), status: answer.status } as CompanyAnswer;
  }

  /** The text of a tool's answer. */
  async tool(token: string, name = "whoami", args: object = {}): Promise<string> {
    const { status, text } = await this.call(token, name, args);
    const data = text.split("\n").find((line) => line.startsWith("data: "));
    const message = JSON.parse(data === undefined ? text : data.slice("data: ".length)) as {
      readonly result?: { readonly content?: readonly { readonly text?: string }[] };
    };
    return `${status}: ${message.result?.content?.[0]?.text ?? text}`;
  }

  /** The connections page of a person who signs in by OpenID at the same issuer, or a form of it. */
  async visitConnections(
    issuer: string,
    subject: string,
    form?: Readonly<Record<string, string>>,
  ): Promise<string> {
    const identity = { method: "oidc", issuer, subject, email: "ada@acme.example" };
    const cookie = await rememberSignIn(identity, issuer, workerEnv.SESSION_KEYS);
    const { origin } = this.settings;
    const answer = await this.fetch("/connections", {
      headers: { cookie, origin, host: new URL(origin).host },
      ...(form && { method: "POST", body: new URLSearchParams(form) }),
    });
    if (answer.status === 303) return answer.headers.get("location") ?? "";
    return answer.text();
  }
}
