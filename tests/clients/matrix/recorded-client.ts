/** How a client comes by its id. */
export type Registration =
  /** Its id is the https URL of a document that describes it (Client ID Metadata Document). */
  | { readonly way: "CIMD"; readonly url: string; readonly document: Json }
  /** It registers itself (RFC 7591). */
  | { readonly way: "DCR"; readonly body: Json }
  /** Somebody registered it before, and typed its id and secret into it. */
  | { readonly way: "pre-registered"; readonly body: Json };

/** Where a client takes the scopes from that it asks for. */
export type ScopeSource =
  /** The `scope` of the 401 challenge. */
  | { readonly from: "challenge"; readonly plus?: string }
  /** `scopes_supported` of the resource. */
  | { readonly from: "resource" }
  /** `scopes_supported` of the authorization server. */
  | { readonly from: "authorization server" }
  /** It brings its own. */
  | { readonly from: "itself"; readonly scope: string }
  | { readonly from: "nowhere" };

/** How a client speaks MCP. */
export type Speech =
  | { readonly opening: "initialize"; readonly version: string; readonly capabilities?: Json }
  | { readonly opening: "server/discover"; readonly version: string }
  | { readonly opening: "HTTP+SSE"; readonly version: string };

/** What one client sends, as it was recorded, where it matters to the server. */
export interface RecordedClient {
  /** What people call it. */
  readonly name: string;
  /** What is special about this way to connect. */
  readonly note: string;
  readonly registration: Registration;
  /** The one it sends to `/authorize`. */
  readonly redirectUri: string;
  /** The URL that the person typed, from the origin. */
  readonly endpoint: "/mcp" | "/sse";
  readonly scope: ScopeSource;
  /** Whether it names the endpoint in its OAuth requests (RFC 8707). */
  readonly sendsResource: boolean;
  /** What it adds to the authorization URL. */
  readonly query?: Readonly<Record<string, string>>;
  readonly authentication:
    | "none"
    | "client_secret_post"
    | "private_key_jwt"
    /** In the header where that is Basic, else in the body; an empty secret where it has none. */
    | "the first of the metadata";
  readonly speech: Speech;
  /** Headers of its MCP requests. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What it is to get. */
  readonly outcome: Outcome;
}

/** The scopes of its token, or why it gets none. */
export type Outcome = { readonly granted: string } | { readonly refusal: RegExp };

/** A JSON object. */
export type Json = Readonly<Record<string, unknown>>;
