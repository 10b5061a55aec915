/** A person as an identity method vouches for them. */
export interface Identity {
  /** Name of the method. */
  readonly method: string;
  /** Who vouches: an OpenID Connect issuer, or the method's own name. */
  readonly issuer: string;
  /** The person's identifier at the issuer. */
  readonly subject: string;
  readonly email?: string;
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

/** One way to prove who you are. */
export interface IdentityMethod {
  readonly name: string;
  /** Reads the sign-in form. */
  signIn(form: FormData): SignInResult;
}
