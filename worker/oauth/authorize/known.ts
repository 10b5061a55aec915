import type { AuthRequest } from "@cloudflare/workers-oauth-provider";
import { isAllowed } from "../../identity/allowed.ts";
import type { Identity, IdentityMethod, UpstreamTokens } from "../../identity/identity.ts";
import { selectIdentity } from "../../identity/index.ts";
import { dropImpossible, limitScopes } from "../../identity/scope-limit.ts";
import { findSignedIn } from "../../identity/signed-in.ts";
import { deriveUserId } from "../../identity/subject.ts";
import type { BrowserContext } from "../context.ts";

export interface Person {
  readonly identity: Identity;
  /** Their opaque id in this stack. */
  readonly id: string;
  /** Whether the stack lets them in. */
  readonly isAllowed: boolean;
}

/** The facts that decide the next step, whichever way the person came. */
export interface Known {
  /**
   * The client's request; once a page was answered, the one it showed. It keeps only the scopes that the
   * person may have, which may be none; if nobody is signed in, those that anybody may have.
   */
  readonly authRequest: AuthRequest;
  /** Page of ours at which the person continues or tries again. The client's request is in its query. */
  readonly returnTo: string;
  readonly person: Person | undefined;
  /** How the stack signs people in. */
  readonly method: IdentityMethod["kind"];
  /**
   * Whether a token of the server that signs people in is stored, for a tool or for groups. Then each grant
   * gets its own.
   */
  readonly needsTokens: boolean;
  /** Those tokens, if the person has just come from there. */
  readonly tokens?: UpstreamTokens | undefined;
  /** `Set-Cookie` headers of earlier steps. */
  readonly headers?: Headers | undefined;
}

/** Gathers what is known about a client's request and a person. */
export function gather(
  { request, settings, upstreamScopes }: BrowserContext,
  authRequest: AuthRequest,
  person: Person | undefined,
): Known {
  const { scope } = authRequest;
  return {
    authRequest: {
      ...authRequest,
      scope: person
        ? limitScopes(scope, person.identity, settings)
        : dropImpossible(scope, settings),
    },
    returnTo: request.url,
    person,
    method: selectIdentity(settings).kind,
    needsTokens: upstreamScopes !== undefined,
  };
}

/** Who is signed in. @throws UpstreamError if that cannot be found out. */
export async function readPerson(context: BrowserContext): Promise<Person | undefined> {
  const identity = await findSignedIn(context.request, context);
  return identity && toPerson(context, identity);
}

/** A person as this stack knows them. */
export async function toPerson(
  { env, settings }: Pick<BrowserContext, "env" | "settings">,
  identity: Identity,
): Promise<Person> {
  const id = await deriveUserId(env.SUBJECT_KEY, identity);
  return { identity, id, isAllowed: isAllowed(identity, settings) };
}
