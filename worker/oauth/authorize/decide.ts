import type { AuthRequest } from "@cloudflare/workers-oauth-provider";
import { UpstreamError } from "../../identity/identity.ts";
import * as problems from "../problems.ts";
import type { Known, Person } from "./known.ts";
import type { Step } from "./steps.ts";
import type { VisitCause } from "./visit-cause.ts";

/** A client's request that a person opened. */
export interface Visit extends Known {
  readonly cause: VisitCause;
  /** Whether the client forbade every page: `prompt=none` (OpenID Connect Core section 3.1.2.1). */
  readonly isSilent: boolean;
  /** Whether the person has allowed exactly this before, and asked not to be asked again. */
  readonly isRemembered: boolean;
}

/**
 * The next step of a person who opens a client's request. If people sign in at another server, consent
 * comes first and the other server afterwards (MCP security best practices, "Confused Deputy").
 */
export function decideVisit(visit: Visit): Step {
  const { authRequest, returnTo, person, method, cause, isSilent, needsTokens } = visit;
  const isEmpty = authRequest.scope.length === 0;
  const needsNoPage = visit.isRemembered && person?.isAllowed === true && !isEmpty;
  // With `needsTokens` each grant takes the person to the other server, which may show pages.
  if (isSilent && (needsTokens || !needsNoPage)) {
    return { next: "refuse", authRequest, because: "no page" };
  }
  if (needsNoPage) return decideYes(visit);
  if (person !== undefined && (isEmpty || !person.isAllowed)) {
    const lacks = person.isAllowed ? "scopes" : "access";
    return { next: "turn away", identity: person.identity, lacks, returnTo, authRequest };
  }
  if (isEmpty && method === "redirect") return { next: "refuse", authRequest, because: "no scope" };
  if (person !== undefined || method === "redirect") {
    return { next: "ask consent", authRequest, person };
  }
  return method === "form"
    ? { next: "ask sign-in", authRequest, cause }
    : { next: "show problem", problem: problems.notBehindAccess, status: 403 };
}

/**
 * The next step of a person who filled in our sign-in form. A remembered yes counts here and not on the
 * page that follows: a redirect does not say who caused the visit. That page is reached by a redirect, so
 * that going back or reloading posts nothing again.
 */
export function decideSignedIn(
  known: Known & { readonly person: Person; readonly isRemembered: boolean },
): Step {
  const { authRequest, person, isRemembered, returnTo, headers } = known;
  // A person who may use none of it is told so on the page.
  const mayContinue = person.isAllowed && authRequest.scope.length > 0;
  if (mayContinue && isRemembered) return decideYes(known);
  return { next: "redirect", to: returnTo, headers };
}

/** Whoever answers a consent page. */
export interface Answerer extends Pick<Known, "person" | "method" | "returnTo"> {
  /** Id of the person whom the page asked; empty if nobody was signed in. */
  readonly shownPerson: string;
}

/** Why somebody's answer to a consent page does not count; undefined if it counts. */
export function findOtherPerson({
  person,
  method,
  returnTo,
  shownPerson,
}: Answerer): Step | undefined {
  if (person === undefined && (method !== "redirect" || shownPerson !== "")) {
    // The client's request is still in the URL: sign in again, then decide.
    return { next: "redirect", to: returnTo };
  }
  // Another tab may have signed in somebody else since the page was shown.
  if (shownPerson === (person?.id ?? "")) return undefined;
  return { next: "show problem", problem: problems.otherPerson, status: 409, returnTo };
}

/**
 * The next step once the person has said yes: the only way to a grant. If a tool needs a token of the server
 * that signs people in, a person who is known by their cookie goes there once more.
 */
export function decideYes(known: Known): Step {
  const { authRequest, returnTo, person, method, needsTokens, tokens, headers } = known;
  if (person === undefined) return { next: "go upstream", authRequest, returnTo, headers };
  // The pages have said so before; this is for requests that did not come from them.
  if (!person.isAllowed) return { next: "refuse", authRequest, because: "no access", headers };
  if (authRequest.scope.length === 0) {
    return { next: "refuse", authRequest, because: "no scope", headers };
  }
  if (needsTokens && tokens === undefined && method === "redirect") {
    return { next: "go upstream", authRequest, returnTo, userId: person.id, headers };
  }
  return { next: "grant", authRequest, person, tokens, headers };
}

/** What a person wanted when they went to the server that signs people in. */
export interface SetOut {
  /** The client's approved request; for a page of ours, one that represents none. */
  readonly authRequest: AuthRequest;
  /** Page of ours that the person came from. */
  readonly returnTo: string;
  /** Whether a client asked; otherwise the person wants to see `returnTo`. */
  readonly isForClient: boolean;
  /** Id of the person who said yes, if they were signed in then. */
  readonly expectedPerson: string | undefined;
  /** Cookies to set, whatever the next step is. */
  readonly headers: Headers;
}

/** A person who came back from there. */
export interface Return extends Known, SetOut {
  readonly person: Person;
  readonly headers: Headers;
}

/** Why somebody who came back is not signed in; undefined if nothing prevents it. */
export function findObstacle(back: Return): Step | undefined {
  const { authRequest, person, expectedPerson, isForClient, returnTo, headers } = back;
  const lacksScopes = isForClient && authRequest.scope.length === 0;
  if (lacksScopes || !person.isAllowed) {
    const lacks = person.isAllowed ? "scopes" : "access";
    return {
      next: "turn away",
      identity: person.identity,
      lacks,
      returnTo,
      ...(isForClient && { authRequest }),
      headers,
    };
  }
  if (expectedPerson !== undefined && expectedPerson !== person.id) {
    return { next: "show problem", problem: problems.otherPerson, status: 409, returnTo, headers };
  }
  if (!back.needsTokens || back.tokens !== undefined) return undefined;
  const error = new UpstreamError("invalid", "there is no token, and a tool needs one");
  return { next: "report upstream", error, returnTo, headers };
}

/** The next step of a person who came back and was signed in. For a client, their yes came before. */
export function decideReturn(back: Return): Step {
  const { isForClient, returnTo, headers } = back;
  return isForClient ? decideYes(back) : { next: "redirect", to: returnTo, headers };
}

/**
 * The next step of a person for whom the other server did not vouch. A no there is a no to the client; anything
 * else they can try again.
 * @param home where a person continues who said no and whom no client sent.
 */
export function decideFailedReturn(setOut: SetOut, error: UpstreamError, home: string): Step {
  const { authRequest, isForClient, returnTo, headers } = setOut;
  if (error.problem !== "declined") return { next: "report upstream", error, returnTo, headers };
  return isForClient
    ? { next: "refuse", authRequest, because: "declined", headers }
    : { next: "redirect", to: home, headers };
}
