import type { WorkerEnv, WorkerSettings } from "../env.ts";

/** Longest address that SMTP can carry, in characters (RFC 5321 section 4.5.3.1.3). */
export const longestEmail = 254;

/** Who a person is, and nothing more about them. */
export interface Subject {
  /** Name of the identity method. */
  readonly method: string;
  /** Who vouches: an OpenID Connect issuer, or the method's own name. */
  readonly issuer: string;
  /** The person's identifier at the issuer: stable, never given to somebody else. */
  readonly subject: string;
}

/** A person as an identity method vouches for them. */
export interface Identity extends Subject {
  readonly email?: string;
  /** Whether the issuer knows that the address is the person's. */
  readonly isEmailVerified?: boolean;
  /** What the issuer calls the person, if that says more than the subject: a GitHub login. */
  readonly name?: string;
  /** Those of the stack's allowed organisations that the person belongs to. */
  readonly organizations?: readonly string[];
  /** Those of the groups in the stack's `scopesByGroup` that the person is in. */
  readonly groups?: readonly string[];
}

/** What an identity method works with. */
export interface IdentityContext {
  readonly env: WorkerEnv;
  readonly settings: WorkerSettings;
  /**
   * What a token of the upstream is kept for, as scopes of the upstream: those that tools need, or none if
   * it only serves to ask for groups again. Undefined if nothing needs one: then none is kept.
   */
  readonly upstreamScopes?: readonly string[] | undefined;
}

/** What the sign-in form got wrong, a sentence for each field. */
export interface SignInProblems {
  readonly email?: string;
  readonly password?: string;
}

/** The outcome of a sign-in form. */
export type SignInResult =
  | { readonly identity: Identity }
  | { readonly email: string; readonly problems: SignInProblems };

interface Method {
  readonly name: string;
  /** Who vouches for people under these settings. Default: the method itself. */
  findAuthority?(settings: Pick<WorkerSettings, "identity">): string;
}

/** People fill in a form of ours. */
export interface FormMethod extends Method {
  readonly kind: "form";
  /** Whether a password can be wrong here, so that guessing is slowed down. Default: none can. */
  canRefuse?(env: WorkerEnv): boolean;
  /** Reads the sign-in form. */
  signIn(form: FormData, context: IdentityContext): Promise<SignInResult>;
}

export interface UpstreamStart {
  /** JSON that `finish` needs: PKCE verifier, nonce. Kept encrypted, never sent anywhere. */
  readonly data: unknown;
  /** Where the browser goes, with the state that comes back. */
  toUrl(state: string): URL;
}

/** Tokens of the upstream, for a tool that needs them. Kept encrypted in the grant. */
export interface UpstreamTokens {
  readonly accessToken: string;
  readonly refreshToken?: string | undefined;
  /** Seconds since the epoch, if the upstream said it. */
  readonly expiresAt?: number | undefined;
}

/** The outcome of a refresh upstream. */
export interface UpstreamRenewal {
  readonly tokens: UpstreamTokens;
  /** Whose tokens they are, if the answer says so: it must be the person who signed in. */
  readonly owner?: Subject;
  /** The groups that the person is in now. Left out if the upstream was not asked, or could not be. */
  readonly groups?: readonly string[];
  /**
   * Fresh tokens came, and then the upstream did not answer: the groups are the earlier ones, and are asked for
   * again soon.
   */
  readonly isIncomplete?: boolean;
}

export interface UpstreamResult {
  readonly identity: Identity;
  /** Only if a tool needs them. */
  readonly tokens?: UpstreamTokens;
}

/** People are sent to another server (GitHub, an OpenID provider) and come back to `/authorize/callback`. */
export interface RedirectMethod extends Method {
  readonly kind: "redirect";
  /** Whom the pages name: "GitHub". */
  describe(settings: WorkerSettings): string;
  /**
   * @param selectAccount whether the upstream is to let the person choose an account again.
   * @throws UpstreamError
   */
  begin(context: IdentityContext, selectAccount: boolean): Promise<UpstreamStart>;
  /**
   * @param callback the URL the browser came back to.
   * @param data what `begin` gave.
   * @throws UpstreamError
   */
  finish(context: IdentityContext, callback: URL, data: unknown): Promise<UpstreamResult>;
  /**
   * New tokens in exchange for stored ones, and the person's groups if the stack's `scopesByGroup` names any.
   * @throws UpstreamError; "revoked" if the person's access has ended for good.
   */
  refresh?(context: IdentityContext, tokens: UpstreamTokens): Promise<UpstreamRenewal>;
}

/** Something in front of the Worker signs people in and says in each request who it is. */
export interface EdgeMethod extends Method {
  readonly kind: "edge";
  /** Path of this origin that signs the person out there. */
  readonly signOutPath: string;
  /** @returns undefined if the request says nothing, or nothing that can be believed. */
  read(request: Request, context: IdentityContext): Promise<Identity | undefined>;
}

/** One way to prove who you are. */
export type IdentityMethod = FormMethod | RedirectMethod | EdgeMethod;

/** Why a sign-in elsewhere did not work. */
export type UpstreamProblem =
  /** The person said no there. */
  | "declined"
  /** The other server does not answer now. */
  | "unavailable"
  /** The other server ended the person's access, or no longer accepts what it issued for it (a code, a refresh token). */
  | "revoked"
  /** The other server's answer cannot be trusted, or the app is not set up there. */
  | "invalid";

/** A sign-in elsewhere that did not work. */
export class UpstreamError extends Error {
  override readonly name = "UpstreamError";
  readonly problem: UpstreamProblem;
  /** Seconds after which to try again, if the other server said so. */
  readonly retryAfter: number | undefined;

  /** @param message for the log: what failed, without tokens, codes or addresses of people. */
  constructor(problem: UpstreamProblem, message: string, retryAfter?: number) {
    super(message);
    this.problem = problem;
    this.retryAfter = retryAfter;
  }
}
