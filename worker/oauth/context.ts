import {
  AuthorizationError,
  type AuthRequest,
  type ClientInfo,
  type OAuthHelpers,
} from "@cloudflare/workers-oauth-provider";
import type { ExecutionContext } from "@cloudflare/workers-types";
import { largestForm, readBounded, withBody } from "../body.ts";
import type { WorkerEnv, WorkerSettings } from "../env.ts";
import type { Features } from "../kit/features.ts";
import { selectScopes } from "../mcp/scopes.ts";
import { featuresOf } from "./personal-tokens/manage-scope.ts";
import { isRegisteredRedirect } from "./redirect-uri.ts";

/** Everything that answering one request of a person's browser needs. */
export interface BrowserContext {
  readonly request: Request;
  readonly env: WorkerEnv;
  readonly settings: WorkerSettings;
  readonly features: Features;
  readonly oauth: OAuthHelpers;
  readonly ctx: ExecutionContext;
  /** What tools need a token of the server that signs people in for; see `IdentityContext`. */
  readonly upstreamScopes?: readonly string[] | undefined;
}

/** Parameters that change what the person is asked. */
const singleParameters = [
  "response_type",
  "client_id",
  "redirect_uri",
  "scope",
  "state",
  "code_challenge",
  "code_challenge_method",
  "prompt",
  "response_mode",
];

type RequestReader = Pick<BrowserContext, "request" | "oauth" | "features">;

/** The client's validated request, with the scopes that this server has. @throws AuthorizationError */
export async function readAuthRequest({
  request,
  oauth,
  features,
}: RequestReader): Promise<AuthRequest> {
  const { searchParams } = new URL(request.url);
  refuseRepeated(searchParams);
  // First: the library would send its refusals there.
  const client = await oauth.lookupClient(searchParams.get("client_id") ?? "");
  refuseOtherRedirect(searchParams, client);
  // It also looks up the client, and a metadata document need not be fetched twice.
  const known: OAuthHelpers = Object.create(oauth, { lookupClient: { value: async () => client } });
  const authRequest = await known.parseAuthRequest(new Request(request.url));
  const problem = findProblem(authRequest, searchParams);
  if (problem !== undefined) {
    const { redirectUri, state, issuer } = authRequest;
    throw new AuthorizationError("invalid_request", {
      description: problem,
      redirectUri,
      ...(state !== "" && { state }),
      ...(issuer !== undefined && { issuer }),
    });
  }
  const { scopes } = featuresOf(features, authRequest.resource);
  return { ...authRequest, scope: selectScopes(scopes, authRequest.scope) };
}

/** The library refuses an unknown client. */
function refuseOtherRedirect(parameters: URLSearchParams, client: ClientInfo | null): void {
  const asked = parameters.get("redirect_uri") ?? "";
  if (client === null || isRegisteredRedirect(asked, client.redirectUris)) return;
  throw new AuthorizationError("invalid_request", { description: "Invalid redirect URI" });
}

/** Errors that the client must be told and that the library does not check for. */
function findProblem(
  { codeChallenge }: AuthRequest,
  parameters: URLSearchParams,
): string | undefined {
  // Without this the client would find out at the token endpoint, after the person has said yes.
  if (codeChallenge !== undefined && !/^[\w-]{43}$/.test(codeChallenge)) {
    return "code_challenge must be an S256 challenge: 43 characters of base64url (RFC 7636 section 4.2)";
  }
  // OAuth 2.0 Multiple Response Type Encoding Practices, section 2.1. An empty one is none.
  const mode = parameters.get("response_mode") || "query";
  return mode === "query" ? undefined : "response_mode must be query, or be left out";
}

/**
 * Whether a form was sent by one of our own pages. Every browser says so in `Sec-Fetch-Site` or
 * `Origin`; a form with neither is refused. Without this, a foreign page could sign a person
 * in as somebody else (login CSRF), whose data their client would then fill.
 */
function comesFromOwnPage(request: Request, origin: string): boolean {
  const site = request.headers.get("sec-fetch-site");
  if (site !== null) return site === "same-origin";
  return request.headers.get("origin") === origin;
}

/**
 * The form that one of our own pages sent, an empty one if it cannot be read; undefined if another site's
 * page sent it, or an unknown one.
 * @param largest bytes of it at most.
 * @throws BodyTooLarge
 */
export async function readOwnForm(
  { request, settings }: Pick<BrowserContext, "request" | "settings">,
  largest = largestForm,
): Promise<FormData | undefined> {
  if (!comesFromOwnPage(request, settings.origin)) return undefined;
  const body = await readBounded(request, largest);
  try {
    return await withBody(request, body).formData();
  } catch {
    return new FormData();
  }
}

/** Refuses a method that a page with forms does not accept; undefined if it does. */
export function refuseMethod({ method }: Request): Response | undefined {
  if (["GET", "HEAD", "POST"].includes(method)) return undefined;
  return new Response("Use GET or POST.", { status: 405, headers: { allow: "GET, POST" } });
}

/** 303, so that the browser follows with GET and drops the form (RFC 9700 section 4.12). */
export function redirect(location: string, headers = new Headers()): Response {
  headers.set("location", location);
  headers.set("cache-control", "no-store");
  headers.set("referrer-policy", "no-referrer");
  return new Response(null, { status: 303, headers });
}

/** The first parameter that comes more than once and must not. */
export function findRepeated(parameters: URLSearchParams): string | undefined {
  return singleParameters.find((name) => parameters.getAll(name).length > 1);
}

/**
 * No parameter may come twice (RFC 6749 section 3.1): a reader of the other one would see a different
 * request. `resource` may (RFC 8707 section 2), and the library has an error of its own for it.
 */
function refuseRepeated(parameters: URLSearchParams): void {
  const twice = findRepeated(parameters);
  if (twice === undefined) return;
  const description = `The parameter ${twice} comes twice`;
  throw new AuthorizationError("invalid_request", { description });
}
