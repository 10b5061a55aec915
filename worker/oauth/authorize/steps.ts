import type { AuthRequest } from "@cloudflare/workers-oauth-provider";
import type { JSX } from "hono/jsx/jsx-runtime";
import type { Identity, UpstreamError, UpstreamTokens } from "../../identity/identity.ts";
import type { ShownProblem } from "../show-problem.ts";
import type { WaitingPage } from "../transactions/page.ts";
import type { Person } from "./known.ts";
import type { VisitCause } from "./visit-cause.ts";

/**
 * What happens next with a person's browser at `/authorize`, `/authorize/callback` or a page of this
 * server's own. A request goes one way: it is read, `decide.ts` says the next step, and `answer.ts` takes
 * it. A step holds everything it needs, including cookies that earlier steps set.
 */
export type Step =
  | AskSignIn
  | AskConsent
  | GoUpstream
  | Grant
  | Refuse
  | TurnAway
  | ShowProblem
  | ReportUpstream
  | ShowPage
  | Redirect
  | SendHeaders;

/** What a step carries over from earlier ones. */
interface After {
  /** Cookies of what was done before. */
  readonly headers?: Headers | undefined;
}

/** Show our sign-in form. */
export interface AskSignIn {
  readonly next: "ask sign-in";
  /** The request of the client that the page names; undefined for a page of ours. */
  readonly authRequest: AuthRequest | undefined;
  /** Who caused the visit; the form passes it on. */
  readonly cause: VisitCause;
  /** What was typed before, if it cannot be right. */
  readonly email?: string;
  readonly problems?: { readonly email?: string; readonly password?: string };
}

/** Ask the person whether the client may act for them. */
export interface AskConsent {
  readonly next: "ask consent";
  readonly authRequest: AuthRequest;
  readonly person: Person | undefined;
  /** The page, if the person approved nothing and is asked once more. */
  readonly againWith?: WaitingPage;
}

/** Send the browser to the server that signs people in: for a client, only after consent. */
export interface GoUpstream extends After {
  readonly next: "go upstream";
  /** The client's approved request; undefined for a page of ours. */
  readonly authRequest: AuthRequest | undefined;
  /** Page of ours that the person came from. */
  readonly returnTo: string;
  /** Id of the person who said yes, if they were signed in then: nobody else may come back. */
  readonly userId?: string;
}

/** Make the grant, and send the browser to the client with its code. Only `decideYes` comes to this. */
export interface Grant extends After {
  readonly next: "grant";
  /** The client's request, with the scopes that the person left in it. */
  readonly authRequest: AuthRequest;
  readonly person: Person;
  /** Tokens of the server that signed the person in, if a tool needs them. */
  readonly tokens: UpstreamTokens | undefined;
}

/** Send the browser to the client with `access_denied`. */
export interface Refuse extends After {
  readonly next: "refuse";
  readonly authRequest: AuthRequest;
  readonly because: /** The client forbade the page that has to be shown. */
    | "no page"
    /** The stack does not let the person in. */
    | "no access"
    /** The person, or everybody if nobody is signed in, may have none of the scopes. */
    | "no scope"
    /** The person said no at the server that signs people in. */
    | "declined";
}

/** Tell a signed-in person that this server does not let them in, or not for this client's request. */
export interface TurnAway extends After {
  readonly next: "turn away";
  readonly identity: Identity;
  /** What they lack. Default: access. */
  readonly lacks?: "access" | "scopes";
  /** Page of ours that lets the person choose another account. */
  readonly returnTo: string;
  /** The client's request, if a client asked: the page leads back to it, with `access_denied`. */
  readonly authRequest?: AuthRequest | undefined;
}

/** Say in words what is wrong. */
export interface ShowProblem extends ShownProblem {
  readonly next: "show problem";
}

/** Say that the sign-in at another server did not work. */
export interface ReportUpstream extends After {
  readonly next: "report upstream";
  readonly error: UpstreamError;
  /** Page of ours that tries again. */
  readonly returnTo?: string;
}

/** Show a page of ours that asks nothing on a client's behalf. */
export interface ShowPage extends After {
  readonly next: "show page";
  readonly page: JSX.Element;
}

/** Redirect the browser: to a page of ours, or to a client with an answer that is complete. */
export interface Redirect extends After {
  readonly next: "redirect";
  readonly to: string;
}

/** Say that there is a page, and begin nothing: for a HEAD request. */
export interface SendHeaders {
  readonly next: "send headers";
}
