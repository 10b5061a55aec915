import { randomUUID } from "node:crypto";
import type {
  OAuthClientProvider,
  OAuthDiscoveryState,
  StoredOAuthClientInformation,
  StoredOAuthTokens,
} from "@modelcontextprotocol/client";
import type { OAuthClientProvider as LegacyProvider } from "@modelcontextprotocol/sdk/client/auth.js";
import type {
  OAuthClientInformationMixed,
  OAuthTokens,
} from "@modelcontextprotocol/sdk/shared/auth.js";
import type { Person } from "./person.ts";

/**
 * A client's OAuth side, kept in memory: it registers itself, and where it would open a browser it
 * hands the URL to a person. Nothing listens at its redirect URI; the code is read from the URL the
 * person is sent to.
 */
class MemoryOAuthClient<Information, Tokens> {
  readonly redirectUrl = "http://localhost:8090/callback";
  /** The scopes of each authorization it has sent its person to. */
  readonly requested: (string | null)[] = [];
  readonly #person: Person;
  readonly #name: string;
  readonly #state = randomUUID();
  #information: Information | undefined;
  #tokens: Tokens | undefined;
  #codeVerifier: string | undefined;
  #callback: URL | undefined;

  constructor(person: Person, name: string) {
    this.#person = person;
    this.#name = name;
  }

  get clientMetadata() {
    return {
      client_name: this.#name,
      redirect_uris: [this.redirectUrl],
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      token_endpoint_auth_method: "none",
    };
  }

  state(): string {
    return this.#state;
  }

  clientInformation(): Information | undefined {
    return this.#information;
  }

  saveClientInformation(information: Information): void {
    this.#information = information;
  }

  tokens(): Tokens | undefined {
    return this.#tokens;
  }

  saveTokens(tokens: Tokens): void {
    this.#tokens = tokens;
  }

  saveCodeVerifier(codeVerifier: string): void {
    this.#codeVerifier = codeVerifier;
  }

  codeVerifier(): string {
    if (this.#codeVerifier === undefined) throw new Error("No authorization was started.");
    return this.#codeVerifier;
  }

  async redirectToAuthorization(authorizationUrl: URL): Promise<void> {
    this.requested.push(authorizationUrl.searchParams.get("scope"));
    this.#callback = await this.#person.authorize(authorizationUrl);
  }

  /**
   * What the person's browser brought back, for `transport.finishAuth`.
   * @throws Error where nobody was sent to log in, or another state came back.
   */
  readCallback(): { readonly params: URLSearchParams; readonly code: string } {
    if (this.#callback === undefined) throw new Error("The client never asked for a login.");
    const { searchParams: params } = this.#callback;
    const code = params.get("code");
    if (params.get("state") !== this.#state || code === null) {
      throw new Error(`The login ended at ${this.#callback}`);
    }
    return { params, code };
  }
}

/** For `@modelcontextprotocol/client`. */
export class OAuthClient
  extends MemoryOAuthClient<StoredOAuthClientInformation, StoredOAuthTokens>
  implements OAuthClientProvider
{
  #discovery: OAuthDiscoveryState | undefined;

  saveDiscoveryState(discovery: OAuthDiscoveryState): void {
    this.#discovery = discovery;
  }

  /** With it the client checks that the code comes from the server it asked (RFC 9207). */
  discoveryState(): OAuthDiscoveryState | undefined {
    return this.#discovery;
  }
}

/** For `@modelcontextprotocol/sdk`. */
export class LegacyOAuthClient
  extends MemoryOAuthClient<OAuthClientInformationMixed, OAuthTokens>
  implements LegacyProvider {}
