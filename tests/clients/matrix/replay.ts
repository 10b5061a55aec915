import { randomBytes } from "node:crypto";
import { readCode } from "../../support/oauth-app.ts";
import type { Person } from "../../support/person.ts";
import { createPkce } from "../../support/random-pkce.ts";
import type { SigningKey } from "../../support/signing-key.ts";
import type { RecordedClient } from "./recorded-client.ts";
import { type Conversation, knock, speak } from "./speak.ts";

/** What a client knows of a server before it registers. */
export interface Discovered {
  /** Scopes of the 401 challenge. */
  readonly challenge: string;
  readonly resource: { readonly resource: string; readonly scopes_supported: readonly string[] };
  readonly server: {
    readonly issuer: string;
    readonly authorization_endpoint: string;
    readonly token_endpoint: string;
    readonly registration_endpoint: string;
    readonly scopes_supported: readonly string[];
    readonly token_endpoint_auth_methods_supported: readonly string[];
    readonly client_id_metadata_document_supported: boolean;
  };
}

/** A client's id and, where it has one, its secret. */
export interface Credentials {
  readonly id: string;
  readonly secret?: string;
}

/** What the token endpoint said. */
export interface TokenResponse {
  readonly status: number;
  readonly body: {
    readonly access_token?: string;
    readonly refresh_token?: string;
    readonly scope?: string;
    readonly error?: string;
  };
}

/** What an approval brought, with what the client has to show for it. */
export interface Authorized {
  readonly code: string;
  readonly verifier: string;
  /** The page on which the person approved. */
  readonly consent: string;
}

/** A request that ended on an error page. */
export interface Refused {
  readonly refusal: string;
}

/** One client in front of one server, which does what was recorded of it, step by step. */
export class Replay {
  readonly client: RecordedClient;
  /** The URL that the person typed. */
  readonly url: string;
  readonly #key: SigningKey;

  constructor(origin: string, client: RecordedClient, key: SigningKey) {
    this.client = client;
    this.url = `${origin}${client.endpoint}`;
    this.#key = key;
  }

  /** Knocks, and reads what the refusal points to. */
  async discover(): Promise<Discovered> {
    const refused = await knock(this.url, this.client);
    if (refused.status !== 401) throw new Error(`A stranger got ${refused.status}`);
    const header = refused.headers.get("www-authenticate") ?? "";
    const [, metadata = ""] = /resource_metadata="([^"]+)"/.exec(header) ?? [];
    const [, challenge = ""] = /scope="([^"]+)"/.exec(header) ?? [];
    const resource = await readJson<
      Discovered["resource"] & { authorization_servers: readonly string[] }
    >(metadata);
    // As VS Code compares it.
    if (resource.resource !== this.url) throw new Error(`The resource is ${resource.resource}`);
    const [issuer = ""] = resource.authorization_servers;
    const server = await readJson<Discovered["server"]>(
      `${issuer}/.well-known/oauth-authorization-server`,
    );
    if (server.issuer !== issuer) throw new Error(`The issuer is ${server.issuer}`);
    return { challenge, resource, server };
  }

  /** Comes by its id. */
  async register({ server }: Discovered): Promise<Credentials> {
    const { registration } = this.client;
    if (registration.way === "CIMD") {
      // Without both, Claude registers itself and says nothing of it.
      const { client_id_metadata_document_supported: takesDocuments } = server;
      if (!takesDocuments || !server.token_endpoint_auth_methods_supported.includes("none")) {
        throw new Error("The server does not say that it takes metadata documents.");
      }
      return { id: registration.url };
    }
    const response = await fetch(server.registration_endpoint, {
      method: "POST",
      headers: { "content-type": "application/json", ...this.client.headers },
      body: JSON.stringify(registration.body),
    });
    const body = (await response.json()) as { client_id?: string; client_secret?: string };
    if (response.status !== 201 || body.client_id === undefined) {
      throw new Error(`Registration was answered ${response.status}: ${JSON.stringify(body)}`);
    }
    return {
      id: body.client_id,
      ...(body.client_secret !== undefined && { secret: body.client_secret }),
    };
  }

  /**
   * Where the client sends the person, and what it keeps.
   * @param scope what it asks for. Default: what it asks for first.
   */
  begin(
    discovered: Discovered,
    { id }: Credentials,
    scope = this.#chooseScope(discovered),
  ): { url: URL; verifier: string } {
    const { redirectUri, query } = this.client;
    const { verifier, challenge } = createPkce();
    const url = new URL(discovered.server.authorization_endpoint);
    url.search = new URLSearchParams({
      response_type: "code",
      client_id: id,
      redirect_uri: redirectUri,
      // VS Code's are not URL-safe.
      state: `${randomBytes(12).toString("base64")}+/==`,
      code_challenge: challenge,
      code_challenge_method: "S256",
      ...(scope !== undefined && { scope }),
      ...this.#resource(),
      ...query,
    }).toString();
    return { url, verifier };
  }

  /** Sends a person to sign in and to approve. @param scope see `begin`. */
  async authorize(
    person: Person,
    discovered: Discovered,
    credentials: Credentials,
    scope?: string,
  ): Promise<Authorized | Refused> {
    const { url, verifier } = this.begin(discovered, credentials, scope);
    const first = await person.visit(url);
    if (first.status >= 400) return { refusal: first.text };
    if (person.sees("sign-in")) await person.signIn();
    const consent = person.page.text;
    const { leavesFor: redirect } = await person.decide("approve");
    if (redirect?.href.split("?")[0] !== this.client.redirectUri) {
      throw new Error(`The person was sent to ${redirect}`);
    }
    if (redirect.searchParams.get("state") !== url.searchParams.get("state")) {
      throw new Error("The state came back changed.");
    }
    // Of RFC 9207; ChatGPT and Codex look at it.
    if (redirect.searchParams.get("iss") !== discovered.server.issuer) {
      throw new Error(`The code came from ${redirect.searchParams.get("iss")}`);
    }
    return { consent, code: readCode(redirect), verifier };
  }

  /**
   * Exchanges the code for tokens.
   * @param key signs, where the client does that. Default: its own.
   */
  async redeem(
    { server }: Discovered,
    credentials: Credentials,
    { code, verifier }: Pick<Authorized, "code" | "verifier">,
    key = this.#key,
  ): Promise<TokenResponse> {
    const { form, headers = {} } = this.#prove(credentials, server, key);
    const response = await fetch(server.token_endpoint, {
      method: "POST",
      headers,
      body: new URLSearchParams({
        grant_type: "authorization_code",
        code,
        code_verifier: verifier,
        redirect_uri: this.client.redirectUri,
        ...this.#resource(),
        ...form,
      }),
    });
    return { status: response.status, body: (await response.json()) as TokenResponse["body"] };
  }

  /** Opens with its token. */
  connect(token: string): Promise<Conversation> {
    return speak(this.url, token, this.client);
  }

  #chooseScope({ challenge, resource, server }: Discovered): string | undefined {
    const { scope } = this.client;
    switch (scope.from) {
      case "challenge":
        return scope.plus === undefined ? challenge : `${challenge} ${scope.plus}`;
      case "resource":
        return resource.scopes_supported.join(" ");
      case "authorization server":
        return server.scopes_supported.join(" ");
      case "itself":
        return scope.scope;
      case "nowhere":
        return undefined;
    }
  }

  #resource(): Record<string, string> {
    return this.client.sendsResource ? { resource: this.url } : {};
  }

  /** How the client shows at the token endpoint that it is itself. */
  #prove({ id, secret }: Credentials, server: Discovered["server"], key: SigningKey): Proof {
    const form = { client_id: id };
    switch (this.client.authentication) {
      case "none":
        return { form };
      case "client_secret_post":
        if (secret === undefined) throw new Error("The client got no secret.");
        return { form: { ...form, client_secret: secret } };
      case "private_key_jwt":
        return {
          form: {
            ...form,
            client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            client_assertion: key.assertClient(id, server.issuer),
          },
        };
      case "the first of the metadata": {
        const [first] = server.token_endpoint_auth_methods_supported;
        if (first !== "client_secret_basic") {
          return { form: { ...form, client_secret: secret ?? "" } };
        }
        const basic = [id, secret ?? ""].map(encodeURIComponent).join(":");
        const authorization = `Basic ${Buffer.from(basic).toString("base64")}`;
        return { form: {}, headers: { authorization } };
      }
    }
  }
}

/** What of a token request proves who sends it. */
interface Proof {
  readonly form: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
}

async function readJson<Document>(url: string): Promise<Document> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`GET ${url} was answered ${response.status}`);
  return (await response.json()) as Document;
}
